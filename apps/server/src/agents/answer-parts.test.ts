import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createAnswerParts } from './answer-parts.ts';

const id = randomUUID();
const part = (number: number, text: string, of = id) => ({ id: of, part: number, bytes: Buffer.from(text) });

test('Q3 an answer in parts is put together', () => {
  const answers = createAnswerParts();
  answers.expect(id);
  expect(answers.take(part(0, '["ä'))).toBe(true);
  expect(answers.take(part(1, '"]'))).toBe(true);
  expect(answers.whole(id, { ok: true, value: null, parts: 2 })).toEqual({ ok: true, value: ['ä'] });
});

test('Q3 an answer that came in one, and a refusal, stay what they are', () => {
  const answers = createAnswerParts();
  answers.expect(id);
  expect(answers.whole(id, { ok: true, value: 7 })).toEqual({ ok: true, value: 7 });
  const refusal = { ok: false, code: 'internal', message: 'no' } as const;
  expect(answers.whole(id, refusal)).toEqual(refusal);
});

test('Q3 one that misses a part is no answer', () => {
  const answers = createAnswerParts();
  answers.expect(id);
  answers.take(part(0, '['));
  expect(() => answers.whole(id, { ok: true, value: null, parts: 2 })).toThrow('ask again');
});

test.each<[string, unknown]>([
  ['of an answer that nobody waits for', part(0, 'x', randomUUID())],
  ['out of its turn', part(1, 'x')],
  ['beyond what an answer may have', part(0, 'x'.repeat(11))],
  ['that is none', { id, part: 0, bytes: 'x' }],
])('Q3 a part %s is not taken', (_, unverified) => {
  const answers = createAnswerParts(10);
  answers.expect(id);
  expect(answers.take(unverified)).toBe(false);
});

test('Q3 nothing is kept once the asker has gone', () => {
  const answers = createAnswerParts();
  answers.expect(id);
  answers.forget(id);
  expect(answers.take(part(0, 'x'))).toBe(false);
});
