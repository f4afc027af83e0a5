import { overviewRoutes } from '@portreeve/contract';
import type { Permission } from '@portreeve/domain';
import type { Database } from '../platform/db/database.ts';
import type { Mount } from '../platform/http/http.ts';
import { findByName } from './search.store.ts';

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
    const projects = [...new Set(Object.values(KINDS).flatMap(({ permission }) => ctx.scope(permission)))];
    const rows = await findByName(database.prisma, { like, id: query.q.trim(), projects });
    const items = rows
      .filter(({ kind, project }) => ctx.may(KINDS[kind]?.permission ?? 'settings.edit', project))
      .slice(0, MOST)
      .map(({ id, kind, name, where }) => ({ id, kind, name, where, path: KINDS[kind]?.path(id) ?? '/' }));
    return { items };
  });
};
