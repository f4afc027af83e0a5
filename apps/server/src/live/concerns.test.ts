import { nodeRoutes, serviceRoutes, stackRoutes } from '@portreeve/contract';
import { expect, test } from 'vitest';
import { isConcerned } from './concerns.ts';

test('a list runs again whatever object of its kind changed', () => {
  expect(isConcerned(nodeRoutes.list, {}, { kind: 'node', ids: ['a'] })).toBe(true);
});
test('a page of one object is left alone when others of its kind changed', () => {
  expect(isConcerned(nodeRoutes.get, { id: 'b' }, { kind: 'node', ids: ['a'] })).toBe(false);
  expect(isConcerned(nodeRoutes.get, { id: 'a' }, { kind: 'node', ids: ['a'] })).toBe(true);
});
test('a change that names nothing concerns every page of the kind', () => {
  expect(isConcerned(nodeRoutes.get, { id: 'b' }, { kind: 'node', ids: [] })).toBe(true);
});
test('what belongs to an object concerns its page, since only the page knows', () => {
  expect(isConcerned(stackRoutes.get, { id: 's' }, { kind: 'task', ids: ['t'] })).toBe(true);
  expect(isConcerned(serviceRoutes.tasks, { id: 's' }, { kind: 'task', ids: ['t'] })).toBe(true);
});
test('kinds that a route does not name are nothing to it', () => {
  expect(isConcerned(nodeRoutes.list, {}, { kind: 'alert', ids: [] })).toBe(false);
});
