import type { TaskView } from '@portreeve/contract';
import type { ExitRecord, TaskDesired, TaskState } from '@portreeve/domain';
import type { Prisma } from '../platform/db/generated/client.ts';
import type { TaskNetwork, TaskPort } from './rows.ts';
import { taskHealth } from './task-health.ts';

type Db = Prisma.TransactionClient;
const include = {
  service: { select: { name: true, stack: { select: { name: true } } } },
  exits: { orderBy: { attempt: 'desc' }, take: 1 },
} as const satisfies Prisma.TaskInclude;
type Row = Prisma.TaskGetPayload<{ include: typeof include }>;
type NodeRow = { id: string; name: string; state: string; leaseUntil: Date | null };

const isSilent = (node: NodeRow | undefined, now: Date): boolean =>
  node !== undefined &&
  (node.state === 'lost' || (node.leaseUntil !== null && node.leaseUntil.getTime() < now.getTime()));

const lastExit = (row: Row): TaskView['lastExit'] => {
  const record = row.exits[0]?.record as ExitRecord | undefined;
  if (!record) return null;
  const { endedAt, exitCode, outOfMemory, reason } = record;
  return { at: endedAt, exitCode: exitCode ?? null, outOfMemory, reason };
};

const viewOf = (row: Row, node: NodeRow | undefined, revision: number, now: Date): TaskView => ({
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

/** Tasks as the contract shows them; sorted by slot, then by age, unless told otherwise. */
export const taskViews = async (
  db: Db,
  where: Prisma.TaskWhereInput,
  page: Pick<Prisma.TaskFindManyArgs, 'orderBy' | 'take' | 'skip' | 'cursor'> = {},
): Promise<TaskView[]> => {
  const rows = await db.task.findMany({
    where,
    include,
    orderBy: [{ slot: 'asc' }, { createdAt: 'asc' }],
    ...page,
  });
  if (rows.length === 0) return [];
  const nodeIds = [...new Set(rows.flatMap(({ nodeId }) => nodeId ?? []))];
  const [nodes, revisions] = await Promise.all([
    db.node.findMany({
      where: { id: { in: nodeIds } },
      select: { id: true, name: true, state: true, leaseUntil: true },
    }),
    db.revision.findMany({
      where: { id: { in: [...new Set(rows.map(({ revisionId }) => revisionId))] } },
      select: { id: true, number: true },
    }),
  ]);
  const nodeOf = new Map(nodes.map((node) => [node.id, node]));
  const numberOf = new Map(revisions.map(({ id, number }) => [id, number]));
  const now = new Date();
  return rows.map((row) => viewOf(row, nodeOf.get(row.nodeId ?? ''), numberOf.get(row.revisionId) ?? 0, now));
};
