import type { activityRoutes, EventView } from '@portreeve/contract';
import type { z } from 'zod';
import { chosenSort, decodeCursor, encodeCursor, invalidCursor } from '../platform/cursor.ts';
import type { Database, Tx } from '../platform/db/database.ts';
import type { Prisma } from '../platform/db/generated/client.ts';

type Row = Awaited<ReturnType<Database['prisma']['event']['findMany']>>[number];

type Names = ReadonlyMap<string, string>;

/** Names of what the events of one page speak of; objects that are gone have kept their names. */
const namesFor = async (db: Tx, rows: readonly Row[]): Promise<Names> => {
  const ids = (pick: (row: Row) => string | null) => ({
    in: [...new Set(rows.flatMap((row) => pick(row) ?? []))],
  });
  const select = { id: true, name: true } as const;
  const [stacks, services, nodes] = await Promise.all([
    db.stack.findMany({ where: { id: ids(({ stackId }) => stackId) }, select }),
    db.service.findMany({ where: { id: ids(({ serviceId }) => serviceId) }, select }),
    db.node.findMany({ where: { id: ids(({ nodeId }) => nodeId) }, select }),
  ]);
  return new Map([...stacks, ...services, ...nodes].map(({ id, name }) => [id, name]));
};

/** The nearest object that has a page of its own. */
const objectOf = (row: Row, names: Names): { object: EventView['object']; path: string | null } => {
  const found = (kind: string, id: string, path: string, name = names.get(id) ?? '') => ({
    object: { kind, id, name },
    path: `${path}/${id}`,
  });
  if (row.rolloutId)
    return found('rollout', row.rolloutId, '/rollouts', names.get(row.serviceId ?? '') ?? '');
  if (row.taskId) return found('task', row.taskId, '/tasks', names.get(row.serviceId ?? '') ?? '');
  if (row.serviceId) return found('service', row.serviceId, '/services');
  if (row.stackId) return found('stack', row.stackId, '/stacks');
  if (row.nodeId) return found('node', row.nodeId, '/nodes');
  return { object: null, path: null };
};

/** Events with the names and pages of what they speak of. */
export const eventViews = async (db: Tx, rows: readonly Row[]): Promise<EventView[]> => {
  const names = await namesFor(db, rows);
  return rows.map((row) => ({
    id: row.id,
    at: row.at.toISOString(),
    kind: row.kind,
    text: row.text,
    ok: row.ok,
    actor: row.actorName,
    ...objectOf(row, names),
  }));
};

const readCursor = (cursor: string): { at: Date; id: string } => {
  const [at, id] = decodeCursor(cursor);
  if (Number.isNaN(new Date(at).getTime()) || !/^[0-9a-f-]{36}$/.test(id)) throw invalidCursor();
  return { at: new Date(at), id };
};

const beyond = (cursor: string | undefined, oldestFirst: boolean): Prisma.EventWhereInput[] => {
  if (!cursor) return [];
  const { at, id } = readCursor(cursor);
  const side = oldestFirst ? 'gt' : 'lt';
  return [{ OR: [{ at: { [side]: at } }, { at, id: { [side]: id } }] }];
};

/**
 * A page of the events of these projects and of the cluster, or of all that there ever were; newest first unless asked
 * otherwise, never counted.
 */
export const pageOfEvents = async (
  db: Tx,
  projectIds: string[] | 'all',
  query: z.output<typeof activityRoutes.list.query>,
): Promise<{ items: EventView[]; next?: string }> => {
  chosenSort({ at: true }, query.sort, 'at');
  const oldestFirst = query.direction === 'asc';
  const and: Prisma.EventWhereInput[] = [
    ...(projectIds === 'all' ? [] : [{ OR: [{ projectId: { in: projectIds } }, { projectId: null }] }]),
    ...beyond(query.cursor, oldestFirst),
    ...(query.kind ? [{ OR: query.kind.split(',').map((kind) => ({ kind: { startsWith: kind } })) }] : []),
    ...(query.search ? [{ text: { contains: query.search, mode: 'insensitive' as const } }] : []),
  ];
  const { stackId, serviceId, taskId, nodeId, rolloutId, actor, since, until } = query;
  const rows = await db.event.findMany({
    where: {
      AND: and,
      ...(stackId && { stackId }),
      ...(serviceId && { serviceId }),
      ...(taskId && { taskId }),
      ...(nodeId && { nodeId }),
      ...(rolloutId && { rolloutId }),
      ...(actor && { actorName: actor }),
      ...((since || until) && { at: { ...(since && { gte: since }), ...(until && { lte: until }) } }),
    },
    orderBy: oldestFirst ? [{ at: 'asc' }, { id: 'asc' }] : [{ at: 'desc' }, { id: 'desc' }],
    take: query.limit + 1,
  });
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  return {
    items: await eventViews(db, page),
    ...(rows.length > page.length && last && { next: encodeCursor([last.at.toISOString(), last.id]) }),
  };
};
