import type { AssignedTask, TaskReport } from '@portreeve/agent-protocol';
import type { PullProgress } from '../engine/pull.ts';
import type { SeenContainer } from '../engine/seen.ts';
import type { Outbox } from '../reports/outbox.ts';
import { steadyNow } from '../steady.ts';
import type { Book } from './book.ts';
import { observe } from './observe.ts';
import type { TaskRecord } from './record.ts';

type Dependencies = {
  book: Book;
  outbox: Outbox;
  /** What ended before this moment ended with the host. */
  bootedAt: number;
  assigned(taskId: string): AssignedTask | undefined;
  /** The container of the latest attempt. */
  container(record: TaskRecord): SeenContainer | undefined;
  /** The engine was seen at least once by this process. */
  listed(): boolean;
  onReady(ready: ReadonlySet<string>): void;
};

export type Publisher = {
  /** Tells the server what the task looks like now, when that has changed. */
  publish(record: TaskRecord, more?: { pull?: PullProgress }): void;
  forget(taskId: string): void;
  /** Every task of this host, also those that were not looked at yet: what a complete report omits is gone (SPEC.md, R2). */
  reports(): TaskReport[];
  ready: ReadonlySet<string>;
};

/** Says what tasks look like, to the server and to whoever answers names; nothing twice. */
export const publisher = (deps: Dependencies): Publisher => {
  const published = new Map<string, TaskReport>();
  const ready = new Set<string>();
  for (const record of deps.book.records.values()) if (record.since < deps.bootedAt) record.ready = false;

  const reportOf = (record: TaskRecord, more: { pull?: PullProgress } = {}): TaskReport => {
    const last = record.attempts.at(-1);
    const seen = deps.listed()
      ? observe({
          assigned: deps.assigned(record.taskId),
          record,
          container: deps.container(record),
          now: steadyNow(),
        })
      : { state: record.state, ready: record.ready };
    return {
      taskId: record.taskId,
      ...seen,
      at: new Date().toISOString(),
      attempt: last?.attempt ?? 0,
      containerId: last?.containerId,
      imageReady: record.imageReady,
      reason: record.reason,
      pull: more.pull,
    };
  };

  const noteReady = (record: TaskRecord): void => {
    if (record.ready === ready.has(record.taskId)) return;
    if (record.ready) ready.add(record.taskId);
    else ready.delete(record.taskId);
    deps.onReady(ready);
  };

  return {
    ready,
    publish: (record, more) => {
      const report = reportOf(record, more);
      const before = published.get(record.taskId);
      if (record.state !== report.state || record.ready !== report.ready) {
        record.since = Date.now();
        deps.book.saveSoon();
      }
      record.state = report.state;
      record.ready = report.ready;
      record.everReady ||= report.ready;
      noteReady(record);
      if (before && JSON.stringify({ ...before, at: report.at }) === JSON.stringify(report)) return;
      published.set(record.taskId, report);
      deps.outbox.task(report);
    },
    forget: (taskId) => {
      published.delete(taskId);
      if (ready.delete(taskId)) deps.onReady(ready);
    },
    reports: () => [...deps.book.records.values()].map((record) => reportOf(record)),
  };
};
