import { setTimeout as pause } from 'node:timers/promises';
import { routes } from '@portreeve/contract';
import type { Operator } from '../../e2e/console/operator.ts';

const BETWEEN_MS = 50;

/** Milliseconds below which so much of the calls were answered. */
const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

/** Looks at pages of nodes, stacks and services in turn, as somebody at the console does, until it is asked how long it took. */
export const startProber = (operator: Operator) => {
  const taken: number[] = [];
  let on = true;
  const calls = [
    () => operator.call(routes.nodes.list, { query: {} }),
    () => operator.call(routes.stacks.list, { query: {} }),
    () => operator.call(routes.services.list, { query: {} }),
  ];
  const probe = async (): Promise<void> => {
    for (let i = 0; on; i += 1) {
      const began = performance.now();
      await calls[i % calls.length]?.();
      taken.push(performance.now() - began);
      await pause(BETWEEN_MS);
    }
  };
  const done = probe();
  return async (): Promise<{ p50: number; p99: number }> => {
    on = false;
    await done;
    const sorted = taken.toSorted((a, b) => a - b);
    return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) };
  };
};
