import { expect, test } from 'vitest';
import { nodeStatus } from './node-words.ts';

const READY = {
  state: 'ready',
  availability: 'active',
  agentConnected: true,
  engineReachable: true,
} as const;

test('a node in use is ready', () => {
  expect(nodeStatus(READY)).toEqual(['ok', 'ready']);
});

test('a lost node is lost, even while it is drained', () => {
  expect(nodeStatus({ ...READY, state: 'lost', availability: 'draining' })).toEqual(['bad', 'lost']);
});

test('an engine that does not answer is said before a cordon', () => {
  expect(nodeStatus({ ...READY, engineReachable: false, availability: 'cordoned' })).toEqual([
    'bad',
    'engine away',
  ]);
});

test('an agent that is away is said before its engine, of which nothing is known then', () => {
  expect(nodeStatus({ ...READY, agentConnected: false, engineReachable: false })).toEqual([
    'warn',
    'not connected',
  ]);
});
