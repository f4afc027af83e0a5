import type { AgentEvent, AssignedTask, DesiredDocument } from '@portreeve/agent-protocol';
import type { Engine } from '../engine/engine.ts';
import type { HostNetworks } from '../engine/network-port.ts';
import type { PullProgress } from '../engine/pull.ts';
import type { SeenContainer } from '../engine/seen.ts';
import type { ExitLogs } from '../reports/exit-logs.ts';
import type { Outbox } from '../reports/outbox.ts';
import type { Book } from './book.ts';
import type { TaskRecord } from './record.ts';

/** The last time the engine was away, in epoch milliseconds; what ended meanwhile ended with it. */
export type Outage = { from: number; to: number };

/** What the actions on one task share. */
export type TaskContext = {
  node: { clusterId: string; nodeId: string };
  engine(): Engine;
  doc(): DesiredDocument;
  networks: HostNetworks;
  /** Resolves when the networks of the newest document are there. */
  networksReady(): Promise<void>;
  book: Book;
  outbox: Outbox;
  exitLogs: ExitLogs;
  /** Places of this host that no task may mount: the agent's own, and the engine's socket wherever it is. */
  guarded: readonly string[];
  /** An image was pulled, or is wanted again: it is not collected for an hour. */
  noteImage(reference: string): void;
  containers: Map<string, SeenContainer>;
  outage(): Outage | undefined;
  /** When this host was booted, epoch milliseconds. */
  bootedAt: number;
  /** Tells the server what the task looks like now, when that has changed. */
  publish(record: TaskRecord, more?: { pull?: PullProgress }): void;
  event(event: Omit<AgentEvent, 'at' | 'ok'> & { ok?: boolean }): void;
  record(event: AgentEvent): void;
};

/** A task that is being worked on. */
export type Work = { record: TaskRecord; assigned: AssignedTask | undefined; signal: AbortSignal };
