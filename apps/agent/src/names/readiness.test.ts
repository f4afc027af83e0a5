import { describe, expect, test } from 'vitest';
import { hearReadiness, isReady, rememberedReadiness } from './readiness.ts';
import { EMPTY_TABLE, type NamesTable } from './table.ts';

const here = { taskId: 'a', nodeId: 'own' };
const there = { taskId: 'b', nodeId: 'other' };
const tableWith = (ready: string[]): NamesTable => ({
  networks: [
    {
      networkId: 'front',
      gateway: '10.200.0.1',
      subnet: '10.200.0.0/22',
      internal: false,
      members: ['a', 'b', 'c'].map((taskId) => ({
        taskId,
        address: '',
        names: [],
        ready: ready.includes(taskId),
      })),
    },
  ],
  askers: [],
});
const said = (ready: string[], networkId = 'front') => ({ version: 1, networks: [{ networkId, ready }] });

describe('who is ready', () => {
  test('is what the agent before this one wrote, until more is known', () => {
    const known = rememberedReadiness(tableWith(['a', 'b']));
    expect(isReady(known, 'own', 'front', here)).toBe(true);
    expect(isReady(known, 'own', 'front', there)).toBe(true);
  });

  test('is what the engine says for tasks of this host, and what the server last said for others', () => {
    const known = hearReadiness(rememberedReadiness(EMPTY_TABLE), said(['a', 'b']), new Set());
    expect(isReady(known, 'own', 'front', here)).toBe(false);
    expect(isReady(known, 'own', 'front', there)).toBe(true);
  });

  test('stays as it was for a network the server says nothing of', () => {
    const first = hearReadiness(rememberedReadiness(EMPTY_TABLE), said(['b']), new Set());
    const second = hearReadiness(first, said(['x'], 'back'), new Set());
    expect(isReady(second, 'own', 'front', there)).toBe(true);
    expect(isReady(hearReadiness(second, said([]), new Set()), 'own', 'front', there)).toBe(false);
  });
});
