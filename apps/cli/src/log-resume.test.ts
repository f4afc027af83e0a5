import type { StreamLine } from '@portreeve/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLogResume } from './log-resume.ts';

const START = Date.parse('2026-01-01T00:00:00.000Z');
const lineOf = (task: number, at: number, text: string): StreamLine => ({
  ...{ stream: 'stdout', slot: task, revision: 1, attempt: 1, text },
  at: new Date(START + at).toISOString(),
  taskId: `task ${task}`,
});

test('a log that was cut goes on with no line missing and none twice, however hosts are out of step', () =>
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          task: fc.integer({ min: 0, max: 2 }),
          // Equal words at equal times are two lines all the same.
          text: fc.constantFrom('a', 'b'),
          passed: fc.integer({ min: 0, max: 3_000 }),
          cut: fc.boolean(),
        }),
        { maxLength: 60 },
      ),
      fc.array(fc.integer({ min: -4_999, max: 4_999 }), { minLength: 3, maxLength: 3 }),
      (steps, skews) => {
        const resume = createLogResume();
        const written: StreamLine[] = [];
        const shown: StreamLine[] = [];
        let now = 0;
        for (const { task, text, passed, cut } of steps) {
          now += passed;
          const next = lineOf(task, now + (skews[task] ?? 0), text);
          written.push(next);
          if (!cut) {
            shown.push(...resume.take([next]));
            continue;
          }
          // It was written while nobody listened; the server gives everything from the asked time on.
          const since = resume.cut();
          const again = written.filter(({ at }) => since === undefined || at >= since);
          shown.push(...resume.take(again));
        }
        const sorted = (lines: StreamLine[]) => lines.map((line) => JSON.stringify(line)).sort();
        expect(sorted(shown)).toEqual(sorted(written));
      },
    ),
  ));

test('a log that was quiet for hours is asked for from before its last line, and one without a line anew', () => {
  const resume = createLogResume();
  expect(resume.cut()).toBeUndefined();
  resume.take([lineOf(0, 0, 'old'), lineOf(0, 60_000, 'last')]);
  expect(resume.cut()).toBe(lineOf(0, 50_000, '').at);
});
