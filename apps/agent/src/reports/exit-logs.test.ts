import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore } from '../state/store.ts';
import { exitLogs } from './exit-logs.ts';

const line = { at: '2026-01-01T00:00:00.000Z', stream: 'stdout' as const, text: 'last words' };

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'exit-logs-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

test('the log of an attempt can be read from the moment it is kept, on disk or not yet', async () => {
  const logs = exitLogs(await openStore(dir));
  const taskId = randomUUID();
  const kept = logs.save(taskId, 1, [line]);
  expect(await logs.read(taskId, 1)).toEqual([line]);
  expect(await logs.attempts(taskId)).toEqual([1]);
  await kept;
  expect(await logs.read(taskId, 1)).toEqual([line]);
  expect(await logs.attempts(taskId)).toEqual([1]);
});
