import { overviewRoutes } from '@portreeve/contract';
import type { Permission } from '@portreeve/domain';
import type { Database } from '../platform/db/database.ts';
import type { Mount } from '../platform/http/http.ts';

type Row = { id: string; kind: string; name: string; where: string; project: string };
const MOST = 50;
const KINDS: Record<string, { permission: Permission; path: (id: string) => string }> = {
  stack: { permission: 'stack.read', path: (id) => `/stacks/${id}` },
  service: { permission: 'stack.read', path: (id) => `/services/${id}` },
  node: { permission: 'node.read', path: (id) => `/nodes/${id}` },
  project: { permission: 'project.read', path: () => '/projects' },
  config: { permission: 'config.read', path: () => '/configs' },
  secret: { permission: 'secret.list', path: () => '/secrets' },
  volume: { permission: 'volume.read', path: () => '/volumes' },
  network: { permission: 'network.read', path: () => '/networks' },
};

/** Finds things by name; of what the asker may not see nothing is said. */
export const mountSearch = (mount: Mount, database: Database): void => {
  mount(overviewRoutes.search, async ({ query, ctx }) => {
    const text = query.q.trim().replace(/[\\%_]/g, '\\$&');
    if (text === '') return { items: [] };
    const like = `%${text}%`;
    const rows = await database.prisma.$queryRaw<Row[]>`
      SELECT * FROM (
        SELECT k.id, 'stack' AS kind, k.name, p.path AS "where", p.path AS project FROM "Stack" k JOIN "Project" p ON p.id = k."projectId" WHERE k."removedAt" IS NULL
        UNION ALL SELECT s.id, 'service', s.name, k.name, p.path FROM "Service" s JOIN "Stack" k ON k.id = s."stackId" JOIN "Project" p ON p.id = k."projectId" WHERE s."removedAt" IS NULL
        UNION ALL SELECT n.id, 'node', n.name, p.path, p.path FROM "Node" n JOIN "Project" p ON p.id = n."projectId" WHERE n."removedAt" IS NULL
        UNION ALL SELECT id, 'project', path, '', path FROM "Project" WHERE "removedAt" IS NULL
        UNION ALL SELECT f.id, f.kind, f.name, p.path, p.path FROM "StoredFile" f JOIN "Project" p ON p.id = f."projectId" WHERE f."removedAt" IS NULL
        UNION ALL SELECT v.id, 'volume', v.name, k.name, p.path FROM "Volume" v JOIN "Stack" k ON k.id = v."stackId" JOIN "Project" p ON p.id = v."projectId" WHERE v."removedAt" IS NULL
        UNION ALL SELECT w.id, 'network', w.name, k.name, p.path FROM "Network" w JOIN "Stack" k ON k.id = w."stackId" JOIN "Project" p ON p.id = w."projectId" WHERE w."removedAt" IS NULL
      ) AS everything WHERE name ILIKE ${like} OR id::text = ${query.q.trim()}
      ORDER BY length(name), name LIMIT 200`;
    const items = rows
      .filter(({ kind, project }) => ctx.may(KINDS[kind]?.permission ?? 'settings.edit', project))
      .slice(0, MOST)
      .map(({ id, kind, name, where }) => ({ id, kind, name, where, path: KINDS[kind]?.path(id) ?? '/' }));
    return { items };
  });
};
