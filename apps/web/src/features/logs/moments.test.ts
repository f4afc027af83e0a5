import { expect, it } from 'vitest';
import type { LogLine } from './log-buffer.ts';
import { momentsOf, withMoments } from './moments.ts';

const at = (second: number): string => new Date(Date.UTC(2026, 4, 1, 12, 0, second)).toISOString();
const line = (second: number): LogLine => ({
  ...{ at: at(second), stream: 'stdout', taskId: 't', slot: 1, revision: 1, attempt: 1 },
  ...{ text: `line ${second}`, key: second },
});
const event = (second: number, text: string) =>
  ({
    id: text,
    at: at(second),
    kind: 'rollout.paused',
    text,
    ok: false,
    actor: null,
    path: null,
    object: null,
  }) as const;

it('says between the lines what was deployed and how its rollout went', () => {
  const changes = [{ path: 'environment.CACHE_MB', from: '128', to: '512' }];
  const revisions = [{ number: 42, createdAt: at(2), createdBy: 'ann', changes }];
  const moments = momentsOf(revisions, [event(9, 'web: rollout paused'), event(0, 'long before')], 'web');
  const shown = withMoments([line(1), line(2), line(5)], moments);
  expect(shown.map(({ text }) => text)).toEqual([
    'line 1',
    'line 2',
    'revision 42 by ann: environment.CACHE_MB 128 → 512',
    'line 5',
    'rollout paused',
  ]);
  expect(new Set(shown.map(({ key }) => key)).size).toBe(5);
});

it('says nothing of what came after the end of the range', () => {
  const shown = withMoments([line(1)], momentsOf([], [event(3, 'within'), event(9, 'later')], 'web'), at(5));
  expect(shown.map(({ text }) => text)).toEqual(['line 1', 'within']);
});

it('leaves a log without moments as it is', () => {
  const lines = [line(1)];
  expect(withMoments(lines, [])).toBe(lines);
  expect(withMoments([], momentsOf([], [event(1, 'alone')], 'web'))).toEqual([]);
});
