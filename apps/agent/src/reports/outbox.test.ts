import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report } from '@portreeve/agent-protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { log } from '../log.ts';
import { openStore, type Store } from '../state/store.ts';
import { openOutbox } from './outbox.ts';

log.level = 'silent';

let dir: string;
let store: Store;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'agent-outbox-'));
  store = await openStore(dir);
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(dir, { recursive: true, force: true });
});

/** The number of the first report of an agent that starts with this store. */
const firstNumber = async (from: Store): Promise<number> => {
  const outbox = await openOutbox(from);
  const report = await new Promise<Report>((resolve) => {
    outbox.open(
      async (sent) => {
        resolve(sent);
        return { stored: true, sequence: sent.sequence };
      },
      () => [],
    );
  });
  outbox.close();
  return report.sequence;
};

test('F-16 R1 an agent that starts on a full disk reports all the same, and its numbers still rise', async () => {
  const before = await firstNumber(store);
  const full: Store = { ...store, write: () => Promise.reject(new Error('ENOSPC')) };
  expect(await firstNumber(full)).toBeGreaterThan(before);
});

test('a clock that is set back delays no report', async () => {
  const outbox = await openOutbox(store);
  const sent: Report[] = [];
  outbox.open(
    async (report) => {
      sent.push(report);
      return { stored: true, sequence: report.sequence };
    },
    () => [],
  );
  await expect.poll(() => sent.length).toBe(1);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3_600_000 });
  outbox.event({ at: new Date().toISOString(), kind: 'agent', text: 'later', ok: true });
  await expect.poll(() => sent.at(-1)?.events.length, { timeout: 5_000 }).toBe(1);
  outbox.close();
});
