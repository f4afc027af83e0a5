import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseChallenge, tokenUrl } from './challenge.ts';
import { isPublicAddress } from './public-address.ts';

const ask = (realm: string, host: string, scheme: 'http' | 'https' = 'https'): string =>
  tokenUrl({ scheme: 'bearer', realm }, { host, scheme, scope: 's', username: 'robot' });

describe('where credentials go for a token', () => {
  it.each([
    ['registry-1.docker.io', 'https://auth.docker.io/token'],
    ['registry.gitlab.com', 'https://gitlab.com/jwt/auth'],
    ['ghcr.io', 'https://ghcr.io/token'],
    ['registry.example.org:5000', 'https://registry.example.org:5001/token'],
    ['me.azurecr.io', 'https://me.azurecr.io/oauth2/token'],
    ['localhost:5000', 'https://localhost:5001/token'],
    ['10.0.0.5:5000', 'https://10.0.0.5/token'],
  ])('S-34 from %s to %s', (host, realm) => expect(ask(realm, host)).toContain(realm));

  it.each([
    ['registry.example.org', 'https://evil.org/token'],
    ['registry.example.org', 'https://example.org.evil.org/token'],
    ['registry.example.org', 'https://a.b.example.org/token'],
    ['registry.example.org', 'https://evilexample.org/token'],
    ['registry.example.org', 'http://registry.example.org/token'],
    ['registry.example.org', 'https://registry.example.org@evil.org/token'],
    ['registry.good.co.uk', 'https://auth.evil.co.uk/token'],
    ['good.co.uk', 'https://evil.co.uk/token'],
    ['good.org', 'https://evil.org/token'],
    ['good.org', 'https://org/token'],
    ['me.azurecr.io', 'https://evil.azurecr.io/token'],
    ['10.0.0.5', 'https://10.0.0.6/token'],
    ['10.0.0.5', 'https://5.0.0.5/token'],
    ['registry.example.org', 'file:///etc/passwd'],
    ['registry.example.org', 'gopher://registry.example.org/'],
    ['registry.example.org', 'https://169.254.169.254/token'],
    ['registry.example.org', '//registry.example.org/token'],
    ['registry.example.org', ''],
  ])('S-34 never from %s to %s', (host, realm) => expect(() => ask(realm, host)).toThrow(/not its own host/));

  it('S-34 over plain HTTP only to the very host that is spoken to so', () => {
    expect(ask('http://registry.example.org:5001/t', 'registry.example.org:5000', 'http')).toContain('http:');
    expect(() => ask('http://auth.example.org/t', 'registry.example.org', 'http')).toThrow();
  });

  it('S-34 whatever a challenge says, it names one realm or none, and never throws', () =>
    fc.assert(
      fc.property(fc.string(), (text) => {
        const challenge = parseChallenge(`Bearer ${text}`);
        if (challenge) expect(typeof challenge.realm).toBe('string');
      }),
    ));
});

describe('an address of the public internet', () => {
  it.each(['93.184.216.34', '1.1.1.1', '2606:4700::1111', '::ffff:1.1.1.1'])('%s is one', (address) =>
    expect(isPublicAddress(address)).toBe(true),
  );

  it.each([
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '100.100.100.200', '127.0.0.1', '127.255.255.255'],
    ...['169.254.169.254', '172.16.0.1', '172.31.255.255', '192.168.0.1', '192.0.0.192', '198.18.0.1'],
    ...['224.0.0.1', '240.0.0.1', '255.255.255.255', '168.63.129.16', '::', '::1', '::127.0.0.1'],
    ...['::ffff:127.0.0.1', '::ffff:a9fe:a9fe', 'fc00::1', 'fd00::1', 'fd00:ec2::254', 'fe80::1', 'fec0::1'],
    ...['64:ff9b::7f00:1', '64:ff9b:1::7f00:1', '2002:7f00:1::', '2001::1', 'ff02::1', '2001:db8::1'],
    ...['localhost', '', '127.0.0.1/8', '0x7f000001x'],
  ])('S-34 %s is none', (address) => expect(isPublicAddress(address)).toBe(false));

  it('S-34 an IPv4 address is the same however IPv6 wraps it', () =>
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(isPublicAddress(`::ffff:${address}`)).toBe(isPublicAddress(address));
      }),
    ));
});
