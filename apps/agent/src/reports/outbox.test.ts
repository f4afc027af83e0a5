import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report, TaskReport } from '@portreeve/agent-protocol';
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
      {},
    );
  });
  outbox.close();
  return report.sequence;
};

/** A server that stores every report it wants; those it stored. */
const storedReports = (
  outbox: Outbox,
  all: () => TaskReport[] = () => [],
  { reportsInParts = false, wants = (): boolean => true } = {},
): Report[] => {
  const sent: Report[] = [];
  outbox.open(
    async (report) => {
      if (!wants()) return { stored: false, sequence: report.sequence, retryAfterMs: 1 };
      sent.push(report);
      return { stored: true, sequence: report.sequence };
    },
    all,
    { reportsInParts },
  );
  return sent;
};

/** As many tasks as make several reports. */
const manyTasks = (): TaskReport[] =>
  Array.from({ length: 2_000 }, () => ({
    ...{ taskId: randomUUID(), state: 'running', ready: true, attempt: 1, imageReady: true },
    ...{ at: new Date().toISOString(), reason: 'x'.repeat(500) },
  }));
const idsOf = (reports: readonly TaskReport[]): string[] => reports.map(({ taskId }) => taskId).sort();

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
    outbox.exit(taskId, {
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

test('R4 all tasks travel in parts, of which the last is complete and names those of the others', async () => {
  const outbox = await openOutbox(store);
  const all = manyTasks();
  let refused = 0;
  // Each third report is lost: nothing of it is missing in the end.
  const wants = (): boolean => {
    refused += 1;
    return refused % 3 !== 0;
  };
  const sent = storedReports(outbox, () => all, { reportsInParts: true, wants });
  await expect.poll(() => sent.filter(({ complete }) => complete).length).toBe(1);
  expect(sent.length).toBeGreaterThan(2);
  for (const report of sent) expect(Buffer.byteLength(JSON.stringify(report))).toBeLessThan(768 * 1024);
  expect(idsOf(sent.flatMap(({ tasks }) => tasks))).toEqual(idsOf(all));
  const last = sent.at(-1);
  expect(last?.complete).toBe(true);
  expect([...(last?.told ?? []), ...idsOf(last?.tasks ?? [])].sort()).toEqual(idsOf(all));
  outbox.close();
});

test('R4 a task that changes while all are told of is told of as it is then', async () => {
  const outbox = await openOutbox(store);
  const all = manyTasks();
  const changed = { ...(all.at(-1) as TaskReport), state: 'stopping' as const, ready: false };
  const sent = storedReports(outbox, () => all, { reportsInParts: true });
  await expect.poll(() => sent.length).toBeGreaterThan(0);
  outbox.task(changed);
  await expect.poll(() => sent.at(-1)?.complete).toBe(true);
  const told = sent.flatMap(({ tasks }) => tasks).filter(({ taskId }) => taskId === changed.taskId);
  expect(told).toEqual([changed]);
  outbox.close();
});

test('V1 R4 a server that does not take it in parts is told of all tasks in one report', async () => {
  const outbox = await openOutbox(store);
  const all = manyTasks();
  const sent = storedReports(outbox, () => all);
  await expect.poll(() => sent.length).toBe(1);
  expect(sent[0]).toMatchObject({ complete: true });
  expect(sent[0]).not.toHaveProperty('told');
  expect(idsOf(sent[0]?.tasks ?? [])).toEqual(idsOf(all));
  outbox.close();
});
