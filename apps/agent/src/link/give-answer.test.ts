import { randomUUID } from 'node:crypto';
import { type AnswerPart, PART_BYTES } from '@portreeve/agent-protocol';
import { expect, test } from 'vitest';
import { giveAnswer } from './give-answer.ts';

const id = randomUUID();
const large = { ok: true, value: Array(40_000).fill('ärger') } as const;

test('Q3 a large answer goes ahead in parts, and their number is its answer', async () => {
  const sent: AnswerPart[] = [];
  const send = async (part: AnswerPart) => sent.push(part) > 0;
  const given = await giveAnswer({ id, inParts: true }, large, send);
  expect(given).toEqual({ ok: true, value: null, parts: sent.length });
  expect(sent.map(({ part }) => part)).toEqual(sent.map((_, index) => index));
  for (const { bytes } of sent) expect(bytes.byteLength).toBeLessThanOrEqual(PART_BYTES);
  expect(JSON.parse(Buffer.concat(sent.map(({ bytes }) => bytes)).toString())).toEqual(large.value);
});

test.each([
  ['of a server that knows of no parts', { id }, large],
  ['that is small', { id, inParts: true }, { ok: true, value: [] } as const],
  ['that is a refusal', { id, inParts: true }, { ok: false, code: 'internal', message: 'no' } as const],
])('Q3 an answer %s goes whole', async (_, request, answer) => {
  const send = () => Promise.reject(new Error('nothing is sent'));
  expect(await giveAnswer(request, answer, send)).toEqual(answer);
});

test('Q3 a server that takes no more ends it', async () => {
  await expect(giveAnswer({ id, inParts: true }, large, async () => false)).rejects.toThrow('no more');
});
