import { auditRoutes } from '@portreeve/contract';
import type { Database } from '../platform/db/database.ts';
import type { Mount } from '../platform/http/http.ts';
import { listAudit } from './audit-pages.store.ts';
import { verifyAudit } from './seal.store.ts';

export const mountAuditRoutes = (mount: Mount, database: Database): void => {
  mount(auditRoutes.list, ({ query, ctx }) =>
    listAudit(database, ctx.scope('audit.read', query.project), query),
  );
  mount(auditRoutes.verify, () => verifyAudit(database));
};
