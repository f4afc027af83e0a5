import type { Tx } from '../platform/db/database.ts';

export type Found = { id: string; kind: string; name: string; where: string; project: string };

/** Everything in these projects and below whose name is like that, or whose id it is. */
export const findByName = (
  db: Tx,
  { like, id, projects }: { like: string; id: string; projects: readonly string[] },
): Promise<Found[]> => db.$queryRaw<Found[]>`
      SELECT * FROM (
        SELECT k.id, 'stack' AS kind, k.name, p.path AS "where", p.path AS project FROM "Stack" k JOIN "Project" p ON p.id = k."projectId" WHERE k."removedAt" IS NULL
        UNION ALL SELECT s.id, 'service', s.name, k.name, p.path FROM "Service" s JOIN "Stack" k ON k.id = s."stackId" JOIN "Project" p ON p.id = k."projectId" WHERE s."removedAt" IS NULL
        UNION ALL SELECT n.id, 'node', n.name, p.path, p.path FROM "Node" n JOIN "Project" p ON p.id = n."projectId" WHERE n."removedAt" IS NULL
        UNION ALL SELECT id, 'project', path, '', path FROM "Project" WHERE "removedAt" IS NULL
        UNION ALL SELECT f.id, f.kind, f.name, p.path, p.path FROM "StoredFile" f JOIN "Project" p ON p.id = f."projectId" WHERE f."removedAt" IS NULL
        UNION ALL SELECT v.id, 'volume', v.name, k.name, p.path FROM "Volume" v JOIN "Stack" k ON k.id = v."stackId" JOIN "Project" p ON p.id = v."projectId" WHERE v."removedAt" IS NULL
        UNION ALL SELECT w.id, 'network', w.name, k.name, p.path FROM "Network" w JOIN "Stack" k ON k.id = w."stackId" JOIN "Project" p ON p.id = w."projectId" WHERE w."removedAt" IS NULL
      ) AS everything WHERE (name ILIKE ${like} OR id::text = ${id})
        AND (project = ANY(${projects}) OR project LIKE ANY(${projects.map((path) => (path === '/' ? '/%' : `${path}/%`))}))
      ORDER BY length(name), name LIMIT 200`;
