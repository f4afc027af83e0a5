import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report } from '@portreeve/agent-protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { log } from '../log.ts';
import { openStore, type Store } from '../state/store.ts';
import { type Outbox, openOutbox } from './outbox.ts';

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

/** A server that stores every report; those it was given. */
const storedReports = (outbox: Outbox): Report[] => {
  const sent: Report[] = [];
  outbox.open(
    async (report) => {
      sent.push(report);
      return { stored: true, sequence: report.sequence };
    },
    () => [],
  );
  return sent;
};

test('F-16 R1 an agent that starts on a full disk reports all the same, and its numbers still rise', async () => {
  const before = await firstNumber(store);
  const full: Store = { ...store, write: () => Promise.reject(new Error('ENOSPC')) };
  expect(await firstNumber(full)).toBeGreaterThan(before);
});

test('a clock that is set back delays no report', async () => {
  const outbox = await openOutbox(store);
  const sent = storedReports(outbox);
  await expect.poll(() => sent.length).toBe(1);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3_600_000 });
  outbox.event({ at: new Date().toISOString(), kind: 'agent', text: 'later', ok: true });
  await expect.poll(() => sent.at(-1)?.events.length, { timeout: 5_000 }).toBe(1);
  outbox.close();
});

test('R1 what has piled up travels in reports that a connection carries, whatever programs have printed', async () => {
  const outbox = await openOutbox(store);
  const taskId = randomUUID();
  const printed = '\u0001'.repeat(2_000);
  for (let attempt = 1; attempt <= 150; attempt += 1)
    void outbox.exit(taskId, {
      attempt,
      containerId: 'c',
      endedAt: new Date().toISOString(),
      outOfMemory: false,
      endedBy: 'health-check',
      reason: '',
      healthOutput: printed,
      logTail: printed,
    });
  const sent = storedReports(outbox);
  await expect.poll(() => sent.flatMap(({ exits }) => exits).length).toBe(150);
  const attempts = sent.flatMap(({ exits }) => exits.map(({ record }) => record.attempt));
  expect(attempts).toEqual(Array.from({ length: 150 }, (_, index) => index + 1));
  for (const report of sent) expect(Buffer.byteLength(JSON.stringify(report))).toBeLessThan(1024 * 1024);
  outbox.close();
});
