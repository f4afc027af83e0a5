import { expect, test } from 'vitest';
import { conflictsWithRoutes } from './routes.ts';

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
