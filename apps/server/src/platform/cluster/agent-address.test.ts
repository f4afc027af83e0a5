import { expect, it } from 'vitest';
import { agentUrlAt, portOfUrl, readAddress } from './agent-address.ts';

it.each([
  ['10.0.0.5', 'https://10.0.0.5:7401'],
  ['console.example', 'https://console.example:7401'],
  ['console.example:443', 'https://console.example:443'],
  ['https://console.example:443', 'https://console.example:443'],
  ['https://console.example:443/', 'https://console.example:443'],
  ['https://console.example', 'https://console.example:7401'],
  [' host:80 ', 'https://host:80'],
  ['2001:db8::7', 'https://[2001:db8::7]:7401'],
  ['[2001:db8::7]:443', 'https://[2001:db8::7]:443'],
])('agents reach a server that is said to be at %s by %s', (written, url) => {
  expect(agentUrlAt(written, 7401)).toBe(url);
});

it.each([
  '',
  'a b',
  'user@host',
  'host/path',
  'host?x',
  'http://host',
  'host:0',
  'host:70000',
  'host:x',
  '::1:z',
])('"%s" is no address', (written) => {
  expect(() => readAddress(written)).toThrow('is no address of a server');
});

it('a URL without a port has the one of its scheme', () => {
  expect(['https://a', 'http://a', 'https://a:443', 'http://a:7400'].map(portOfUrl)).toEqual([
    443, 80, 443, 7400,
  ]);
});
