import type { TaskView } from '@portreeve/contract';
import type { ExitRecord, TaskDesired, TaskState } from '@portreeve/domain';
import type { Prisma } from '../platform/db/generated/client.ts';
import type { TaskNetwork, TaskPort } from './rows.ts';
import { taskHealth } from './task-health.ts';

/** What a view needs of a task beside its own row. */
export const taskInclude = {
  service: { select: { name: true, stack: { select: { name: true } } } },
  exits: { orderBy: { attempt: 'desc' }, take: 1 },
} as const satisfies Prisma.TaskInclude;
export type TaskRow = Prisma.TaskGetPayload<{ include: typeof taskInclude }>;
export type TaskNode = { id: string; name: string; state: string; leaseUntil: Date | null };

const isSilent = (node: TaskNode | undefined, now: Date): boolean =>
  node !== undefined &&
  (node.state === 'lost' || (node.leaseUntil !== null && node.leaseUntil.getTime() < now.getTime()));

const lastExit = (row: TaskRow): TaskView['lastExit'] => {
  const record = row.exits[0]?.record as ExitRecord | undefined;
  if (!record) return null;
  const { endedAt, exitCode, outOfMemory, reason } = record;
  return { at: endedAt, exitCode: exitCode ?? null, outOfMemory, reason };
};

/** A task as the contract shows it. */
export const taskView = (
  row: TaskRow,
  node: TaskNode | undefined,
  revision: number,
  now: Date,
): TaskView => ({
  id: row.id,
  slot: row.slot,
  serviceId: row.serviceId,
  serviceName: row.service.name,
  stackName: row.service.stack.name,
  revisionId: row.revisionId,
  revision,
  node: node ? { id: node.id, name: node.name } : null,
  desired: row.desired as TaskDesired,
  state: row.state as TaskState,
  ready: row.ready,
  health: taskHealth({
    state: row.state as TaskState,
    desired: row.desired,
    ready: row.ready,
    wasReady: row.readyAt !== null,
    hold: row.hold,
    restartAt: row.restartAt,
    nodeSilent: isSilent(node, now),
  }),
  since: row.stateAt.toISOString(),
  createdAt: row.createdAt.toISOString(),
  endedAt: row.endedAt?.toISOString() ?? null,
  restarts: Math.max(0, row.attempts - 1),
  restartAt: row.restartAt?.toISOString() ?? null,
  reason: row.reason,
  lastExit: lastExit(row),
  addresses: (row.networks as TaskNetwork[]).map(({ address }) => address),
  ports: (row.ports as TaskPort[]).map(({ target, published, protocol }) => ({
    target,
    published,
    protocol,
  })),
});
