import type { AuditView, auditRoutes } from '@portreeve/contract';
import type { z } from 'zod';
import { chosenSort, decodeCursor, encodeCursor, invalidCursor } from '../platform/cursor.ts';
import type { Database } from '../platform/db/database.ts';

type ListQuery = z.output<typeof auditRoutes.list.query>;

const readCursor = (cursor: string | undefined): { at: Date; id: string } | undefined => {
  if (!cursor) return undefined;
  const [at, id] = decodeCursor(cursor);
  if (Number.isNaN(new Date(at).getTime()) || !/^[0-9a-f-]{36}$/.test(id)) throw invalidCursor();
  return { at: new Date(at), id };
};

/** A page of the audit within these projects, newest first unless asked otherwise; never counted. */
export const listAudit = async (database: Database, scope: readonly string[], query: ListQuery) => {
  chosenSort({ at: true }, query.sort, 'at');
  const after = readCursor(query.cursor);
  const direction = query.direction ?? 'desc';
  const side = direction === 'asc' ? 'gt' : 'lt';
  const rows = await database.prisma.auditEntry.findMany({
    where: {
      // At the root everything is, also what belongs to no project.
      ...(scope.includes('/')
        ? {}
        : {
            OR: scope.flatMap((path) => [{ projectPath: path }, { projectPath: { startsWith: `${path}/` } }]),
          }),
      ...(query.actor ? { actorName: query.actor } : {}),
      ...(query.action ? { action: { startsWith: query.action } } : {}),
      ...(query.outcome ? { outcome: query.outcome } : {}),
      at: { ...(query.since ? { gte: query.since } : {}), ...(query.until ? { lte: query.until } : {}) },
      AND: [
        query.search
          ? {
              OR: [
                { action: { contains: query.search, mode: 'insensitive' } },
                { objectName: { contains: query.search, mode: 'insensitive' } },
                { actorName: { contains: query.search, mode: 'insensitive' } },
              ],
            }
          : {},
        after ? { OR: [{ at: { [side]: after.at } }, { at: after.at, id: { [side]: after.id } }] } : {},
      ],
    },
    orderBy: [{ at: direction }, { id: direction }],
    take: query.limit + 1,
  });
  const page = rows.slice(0, query.limit);
  const seals = await database.prisma.auditSeal.findMany({
    where: { entryId: { in: page.map((row) => row.id) } },
    select: { entryId: true },
  });
  const sealed = new Set(seals.map((seal) => seal.entryId));
  const last = page.at(-1);
  return {
    items: page.map(
      (row): z.input<typeof AuditView> => ({
        id: row.id,
        at: row.at.toISOString(),
        actor: row.actorName,
        via: row.via,
        address: row.address,
        action: row.action,
        object: [row.objectKind, row.objectName].filter(Boolean).join(' '),
        projectPath: row.projectPath,
        outcome: row.outcome,
        detail: row.detail as Record<string, unknown>,
        sealed: sealed.has(row.id),
      }),
    ),
    ...(rows.length > query.limit && last ? { next: encodeCursor([last.at.toISOString(), last.id]) } : {}),
  };
};
