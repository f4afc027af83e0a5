import { auditRoutes } from '@portreeve/contract';
import type { Database } from '../platform/db/database.ts';
import type { Mount } from '../platform/http/http.ts';
import { listAudit } from './audit-pages.store.ts';
import { verifyAudit } from './seal.store.ts';

export const mountAuditRoutes = (mount: Mount, database: Database): void => {
  mount(auditRoutes.list, ({ query }) => listAudit(database, query));
  mount(auditRoutes.verify, () => verifyAudit(database));
};
