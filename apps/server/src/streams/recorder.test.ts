import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createKeys } from '../platform/keys/cluster-key.ts';
import { createRecorder, recordingContext } from './recorder.ts';

const keys = createKeys(randomBytes(32));
const stage = (mostBytes?: number) => {
  const chunks: string[] = [];
  const failures: string[] = [];
  const state = { away: false };
  const recorder = createRecorder('r', {
    ...{ keys, columns: 80, rows: 24, startedAt: new Date(0) },
    store: async (number, sealed) => {
      if (state.away) throw new Error('away');
      chunks[number] = keys.unseal(sealed, recordingContext('r', number));
    },
    onFailure: (reason) => failures.push(reason),
    ...(mostBytes === undefined ? {} : { mostBytes }),
  });
  return { recorder, chunks, failures, state };
};

test('what is shown goes out in chunks, in order and once', async () => {
  const { recorder, chunks } = stage();
  for (let n = 0; n < 300; n += 1) {
    recorder.output(Buffer.from(`${n}${'x'.repeat(1_000)}`));
    await new Promise(setImmediate);
  }
  expect(await recorder.close()).toMatchObject({ cutShort: false });
  expect(chunks.length).toBeGreaterThan(1);
  const lines = chunks.join('').trim().split('\n').slice(1);
  expect(lines.map((line) => Number.parseInt(JSON.parse(line)[2], 10))).toEqual(
    Array.from({ length: 300 }, (_, n) => n),
  );
});

test('one that has reached its size ends, and says so', async () => {
  const { recorder, chunks } = stage(100);
  for (let n = 0; n < 10; n += 1) recorder.output(Buffer.alloc(30, 97));
  expect(await recorder.close()).toMatchObject({ bytes: 300, cutShort: true });
  expect(chunks.join('').match(/The recording ends here/g)).toHaveLength(1);
});

test('a terminal whose recording cannot be stored is ended, and not before there is too much of it', async () => {
  const { recorder, failures, state } = stage();
  state.away = true;
  const show = async (times: number) => {
    for (let n = 0; n < times; n += 1) {
      recorder.output(Buffer.alloc(50_000, 97));
      await new Promise(setImmediate);
    }
  };
  await show(10);
  expect(failures).toEqual([]);
  await show(20);
  expect(failures[0]).toContain('cannot be stored');
  state.away = false;
  expect(await recorder.close()).toMatchObject({ cutShort: false });
});
