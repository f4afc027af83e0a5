import type { LogLine } from '@portreeve/agent-protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createResume } from './resume.ts';

const START = Date.parse('2026-01-01T00:00:00.000Z');
const line = (ms: number, text: string, stream: LogLine['stream'] = 'stdout'): LogLine => ({
  ...{ taskId: '00000000-0000-7000-8000-000000000001', attempt: 1, stream, text },
  at: new Date(START + ms).toISOString(),
});
/** What the host has from a moment on. */
const since = (log: readonly LogLine[], at: string | undefined): LogLine[] =>
  log.filter((one) => at === undefined || one.at >= at);

test('nothing has come: all is asked for', () => {
  expect(createResume().cut()).toBeUndefined();
});

test('equal lines of one moment count one by one', () => {
  const log = [line(0, 'same'), line(0, 'same'), line(0, 'same'), line(1, 'other')];
  const resume = createResume();
  expect(resume.take(log.slice(0, 2))).toHaveLength(2);
  expect(resume.take(since(log, resume.cut())).map(({ text }) => text)).toEqual(['same', 'other']);
});

test('what came again once is not taken for a repetition a second time', () => {
  const resume = createResume();
  resume.take([line(0, 'x')]);
  resume.cut();
  expect(resume.take([line(0, 'x')])).toEqual([]);
  expect(resume.take([line(0, 'x')])).toHaveLength(1);
});

test('wherever the link is cut, and however often, every line comes once and in its order', () => {
  const lines = fc.array(
    fc.record({ gap: fc.nat(900), text: fc.constantFrom('a', 'b'), err: fc.boolean() }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(lines, fc.array(fc.nat(20), { maxLength: 8 }), (made, cuts) => {
      let ms = 0;
      const log = made.map(({ gap, text, err }) => {
        ms += gap < 500 ? 0 : gap;
        return line(ms, text, err ? 'stderr' : 'stdout');
      });
      const resume = createResume();
      const got: LogLine[] = [];
      for (const before of cuts) got.push(...resume.take(since(log, resume.cut()).slice(0, before)));
      got.push(...resume.take(since(log, resume.cut())));
      expect(got).toEqual(log);
    }),
  );
});

test('a host that says lines slightly out of the order of their times loses none over a cut', () => {
  const log = [line(10, 'a'), line(400, 'ended', 'life'), line(380, 'late'), line(390, 'later')];
  const resume = createResume();
  resume.take(log.slice(0, 2));
  expect(resume.take(since(log, resume.cut())).map(({ text }) => text)).toEqual(['late', 'later']);
});
