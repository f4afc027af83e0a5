import type { TaskView } from '@portreeve/contract';
import type { ExitRecord, TaskDesired, TaskState } from '@portreeve/domain';
import type { TaskNetwork, TaskPort } from './rows.ts';
import { taskHealth } from './task-health.ts';

/** A task with what is shown of its service, stack, revision, node and last exit. */
export type TaskRow = {
  id: string;
  slot: number;
  serviceId: string;
  serviceName: string;
  stackName: string;
  revisionId: string;
  revision: number | null;
  desired: TaskDesired;
  state: TaskState;
  ready: boolean;
  readyAt: Date | null;
  hold: boolean;
  attempts: number;
  reason: string;
  restartAt: Date | null;
  stateAt: Date;
  createdAt: Date;
  endedAt: Date | null;
  networks: TaskNetwork[];
  ports: TaskPort[];
  nodeId: string | null;
  nodeName: string | null;
  nodeState: string | null;
  leaseUntil: Date | null;
  lastExit: ExitRecord | null;
};

const isSilent = ({ nodeState, leaseUntil }: TaskRow, now: Date): boolean =>
  nodeState === 'lost' || (leaseUntil !== null && leaseUntil.getTime() < now.getTime());

const lastExit = ({ lastExit: record }: TaskRow): TaskView['lastExit'] => {
  if (!record) return null;
  const { endedAt, exitCode, outOfMemory, reason } = record;
  return { at: endedAt, exitCode: exitCode ?? null, outOfMemory, reason };
};

/** A task as the contract shows it. */
export const taskView = (row: TaskRow, now: Date): TaskView => ({
  id: row.id,
  slot: row.slot,
  serviceId: row.serviceId,
  serviceName: row.serviceName,
  stackName: row.stackName,
  revisionId: row.revisionId,
  revision: row.revision ?? 0,
  node: row.nodeId !== null && row.nodeName !== null ? { id: row.nodeId, name: row.nodeName } : null,
  desired: row.desired,
  state: row.state,
  ready: row.ready,
  health: taskHealth({
    state: row.state,
    desired: row.desired,
    ready: row.ready,
    wasReady: row.readyAt !== null,
    hold: row.hold,
    restartAt: row.restartAt,
    nodeSilent: isSilent(row, now),
  }),
  since: row.stateAt.toISOString(),
  createdAt: row.createdAt.toISOString(),
  endedAt: row.endedAt?.toISOString() ?? null,
  restarts: Math.max(0, row.attempts - 1),
  restartAt: row.restartAt?.toISOString() ?? null,
  reason: row.reason,
  lastExit: lastExit(row),
  addresses: row.networks.map(({ address }) => address),
  ports: row.ports.map(({ target, published, protocol }) => ({ target, published, protocol })),
});
