import { expect, it } from 'vitest';
import type { ServiceListRow } from './service-rows.store.ts';
import { standingOf, worstFirst } from './service-state.ts';

const paused = (ready: number) =>
  ({
    ...{ desired: 'running', mode: 'replicated', replicas: 4, ready, complete: 0, live: 4, waitingOn: [] },
    rollout: { number: 2, state: 'paused', reason: 'slot 1 failed' },
  }) as unknown as ServiceListRow;

it.each([
  [3, 'degraded'],
  [0, 'down'],
])('a service whose rollout is paused with %i of 4 tasks ready is %s', (ready, state) => {
  expect(standingOf(paused(ready))).toMatchObject({ state, why: 'rollout 2 is paused: slot 1 failed' });
});

it('stacks and services are sorted with what stands worst first, and what stands alike by name', () => {
  const keys = [
    worstFirst('healthy', 'a'),
    worstFirst('empty', 'b'),
    worstFirst('down', 'd'),
    worstFirst('down', 'c'),
    worstFirst('removing', 'e'),
  ];
  expect(keys.toSorted().map((key) => key.at(-1))).toEqual(['c', 'd', 'e', 'a', 'b']);
});
