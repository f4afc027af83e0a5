import type { LogLine } from '@portreeve/agent-protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLogMerge } from './merge.ts';

const at = (second: number): string => new Date(1_700_000_000_000 + second * 1_000).toISOString();
const line = (second: number, text = ''): LogLine => ({
  at: at(second),
  stream: 'stdout',
  taskId: '01900000-0000-7000-8000-000000000001',
  attempt: 1,
  text,
});

test('whatever order the sources race in, what went out before all were quiet is in order of time', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.nat(1_000), { maxLength: 20 }), { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat(3), { maxLength: 60 }),
      (histories, turns) => {
        const merge = createLogMerge();
        const queues = histories.map((seconds) =>
          [...seconds].sort((a, b) => a - b).map((second) => line(second)),
        );
        for (const i of queues.keys()) merge.add(`${i}`, 0);
        const out: LogLine[] = [];
        const feed = (i: number): void => {
          const next = queues[i]?.splice(0, 3) ?? [];
          if (next.length > 0) merge.push(`${i}`, next, 1);
          out.push(...merge.take(1, 1_000).map((taken) => taken.line));
        };
        for (const turn of turns) feed(turn % queues.length);
        for (const [i, queue] of queues.entries()) while (queue.length > 0) feed(i);
        for (const i of queues.keys()) merge.end(`${i}`);
        out.push(...merge.take(1, 1_000).map((taken) => taken.line));
        const times = out.map((one) => one.at);
        expect(times).toEqual([...times].sort());
        expect(out).toHaveLength(histories.flat().length);
        expect(merge.finished()).toBe(true);
      },
    ),
  );
});

test('a source that has not begun is waited for, but not for ever', () => {
  const merge = createLogMerge();
  merge.add('a', 0);
  merge.add('b', 0);
  merge.push('a', [line(5)], 10);
  expect(merge.take(500, 10)).toEqual([]);
  expect(merge.take(1_600, 10)).toHaveLength(1);
});

test('live lines go out when the others are quiet', () => {
  const merge = createLogMerge();
  for (const source of ['a', 'b']) {
    merge.add(source, 0);
    merge.push(source, [line(1)], 0);
  }
  merge.take(1_000, 10);
  merge.push('a', [line(9)], 5_000);
  expect(merge.take(5_000, 10)).toHaveLength(1);
});

test('a host whose clock is late holds the others for a moment only', () => {
  const merge = createLogMerge();
  for (const source of ['fast', 'late']) merge.add(source, 0);
  merge.push('fast', [line(100)], 0);
  for (let now = 0; now <= 2_100; now += 100) merge.push('late', [line(now / 1_000)], now);
  const out = merge.take(2_101, 100).map((taken) => taken.source);
  expect(out.at(-1)).toBe('fast');
});

test('a line is compared with the first line of each source, however many are held', () => {
  const merge = createLogMerge();
  const sources = Array.from({ length: 10 }, (_, i) => `${i}`);
  for (const source of sources) merge.add(source, 0);
  let looks = 0;
  const watched = (second: number): LogLine => {
    const made = line(second);
    return Object.defineProperty({ ...made }, 'at', {
      get: () => {
        looks += 1;
        return made.at;
      },
    });
  };
  for (let batch = 0; batch < 50; batch += 1)
    for (const source of sources)
      merge.push(
        source,
        Array.from({ length: 20 }, (_, i) => watched(batch * 20 + i)),
        0,
      );
  expect(merge.take(10_000, 100_000)).toHaveLength(10_000);
  expect(looks).toBeLessThan(10_000 * 5 * sources.length);
});
