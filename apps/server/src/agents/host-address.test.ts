import { expect, test } from 'vitest';
import { asReached, hostAddressOf } from './host-address.ts';
import { facts } from './testing/test-agent.ts';

const says = (...addresses: string[]) => ({
  ...facts(),
  addresses: addresses.map((address, i) => ({ interface: `eth${i}`, address, prefix: 24 })),
});

test('a host is reached where its connection came from, when that is its own', () => {
  expect(hostAddressOf('::ffff:10.0.0.7', says('10.0.0.5', '10.0.0.7'))).toBe('10.0.0.7');
});

test('behind a router it is the first of its own, of IPv4 before others', () => {
  expect(hostAddressOf('192.0.2.1', says('2001:db8::5', '10.0.0.5'))).toBe('10.0.0.5');
  const bridges = { ...says(), addresses: [{ interface: 'docker0', address: '172.17.0.1', prefix: 16 }] };
  expect(hostAddressOf('192.0.2.1', bridges)).toBe('192.0.2.1');
  expect(hostAddressOf('127.0.0.1', bridges)).toBe('');
});

test.each(['224.0.0.1', '255.255.255.255', '0.0.0.0', '127.0.0.1', '::', 'ff02::1', 'x; drop'])(
  'S-42 %s is no address of a host: nobody is told to send there',
  (address) => {
    expect(hostAddressOf('10.0.0.7', says(address))).toBe('10.0.0.7');
    expect(hostAddressOf('10.0.0.7', says(address, '10.0.0.5'))).toBe('10.0.0.5');
  },
);

test('a host that others reach by IPv6 alone, or not at all, can join no network, and says so', () => {
  const able = says('2001:db8::5');
  expect(asReached(able, '10.0.0.5')).toEqual(able);
  expect(asReached(able, '2001:db8::5').crossHostNetworks).toEqual({
    able: false,
    reason: 'other hosts reach it by IPv6 alone (2001:db8::5), and tunnels go over IPv4',
  });
  expect(asReached(able, '').crossHostNetworks.reason).toContain('no address');
  const lacking = { ...able, crossHostNetworks: { able: false, reason: 'the engine is rootless' } };
  expect(asReached(lacking, '2001:db8::5')).toEqual(lacking);
});
