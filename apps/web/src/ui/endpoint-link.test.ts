import { expect, test } from 'vitest';
import { endpointLink } from './endpoint-link.ts';

test('a published port becomes an address that a browser opens', () => {
  expect(endpointLink('10.0.0.7:8080')).toBe('http://10.0.0.7:8080');
  expect(endpointLink('node-1:8443')).toBe('https://node-1:8443');
});

test('an address of the web is taken as it is, and what is no TCP port is no link', () => {
  expect(endpointLink('https://shop.example')).toBe('https://shop.example');
  expect(endpointLink('10.0.0.7:53/udp')).toBeUndefined();
  expect(endpointLink('node-1')).toBeUndefined();
});
