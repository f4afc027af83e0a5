import type { Permission } from '@portreeve/domain';
import { expect, test } from 'vitest';
import { EVERY, inGroups } from './permission-groups.ts';

const itself = (permission: Permission) => permission;

test('every permission stands under one heading', () => {
  const shown = inGroups(EVERY, itself).flatMap(({ items }) => items);
  expect([...shown].sort()).toEqual([...EVERY].sort());
});

test('a heading without anything under it is not shown', () => {
  expect(inGroups<Permission>(['node.drain', 'node.read'], itself)).toEqual([
    { title: 'Nodes', items: ['node.drain', 'node.read'] },
  ]);
});
