import { expect, test } from 'vitest';
import { network } from '../../test/network-samples.ts';
import { blockedByRoutes, conflictsWithRoutes } from './routes.ts';

test.each([
  ['a route inside the pool', ['10.201.0.0/16'], ['10.201.0.0/16']],
  ['a route around the pool', ['10.0.0.0/8'], ['10.0.0.0/8']],
  ['a route to one host of it', ['10.203.255.255/32'], ['10.203.255.255/32']],
  ['neighbours of the pool', ['10.196.0.0/14', '10.204.0.0/16'], []],
  ['the default route', ['0.0.0.0/0'], []],
  ['what is no IPv4 route', ['fd00::/8', 'nonsense'], []],
])('of %s, what overlaps 10.200.0.0/14 is named', (_what, routes, conflicts) => {
  expect(conflictsWithRoutes('10.200.0.0/14', routes)).toEqual(conflicts);
});

test('a network is not made over a route of the host, but inside a wider one', () => {
  const front = network({ subnet: '10.200.0.0/22' });
  expect(blockedByRoutes([front], ['10.200.1.0/24']).get('front')).toMatch(
    /route to 10.200.1.0\/24, which overlaps/,
  );
  expect(blockedByRoutes([front], ['10.200.0.0/22']).size).toBe(1);
  expect(blockedByRoutes([front], ['10.0.0.0/8', '10.204.0.0/16']).size).toBe(0);
});
