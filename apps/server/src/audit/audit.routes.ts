import { auditRoutes } from '@portreeve/contract';
import type { Database } from '../platform/db/database.ts';
import type { Mount } from '../platform/http/http.ts';
import { listAudit, verifyAudit } from './audit.service.ts';

export const mountAuditRoutes = (mount: Mount, database: Database): void => {
  mount(auditRoutes.list, ({ query }) => listAudit(database, query));
  mount(auditRoutes.verify, () => verifyAudit(database));
};
