import type { Tx } from '../platform/db/database.ts';

export type ObjectUse = { objectId: string; serviceId: string; name: string };

/** Services whose present revision, or the one they roll to, is bound to one of these networks, volumes or files. */
export const usesOfObjects = (db: Tx, objectIds: readonly string[]): Promise<ObjectUse[]> =>
  objectIds.length === 0
    ? Promise.resolve([])
    : db.$queryRaw<ObjectUse[]>`
  SELECT DISTINCT used->>'objectId' AS "objectId", s.id AS "serviceId", k.name || '/' || s.name AS name
  FROM "Service" s JOIN "Stack" k ON k.id = s."stackId"
  JOIN "Revision" r ON r."serviceId" = s.id AND (r.id = s."currentRevisionId" OR r.id IN (
    SELECT o."toRevisionId" FROM "Rollout" o WHERE o."serviceId" = s.id AND o.state IN ('running', 'paused', 'rolling back'))),
    jsonb_array_elements(r."filePins") AS used
  WHERE s."removedAt" IS NULL AND used->>'objectId' = ANY(${[...objectIds]}::text[]) ORDER BY 3`;
