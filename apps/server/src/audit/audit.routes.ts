import { auditRoutes } from '@portreeve/contract';
import { chosenSort } from '../platform/cursor.ts';
import type { Database } from '../platform/db/database.ts';
import type { Mount } from '../platform/http/http.ts';
import { type ArchiveRow, pageOfArchives } from './archives.store.ts';
import { recordAudit } from './audit.store.ts';
import { auditView, pageOfAudit } from './audit-pages.store.ts';
import { exportAudit } from './export.ts';
import { verifyAudit } from './verify.ts';

const TYPES = { csv: 'text/csv; charset=utf-8', json: 'application/json; charset=utf-8' };

const archiveView = (row: ArchiveRow) => ({
  ...{ id: row.id, month: row.month, file: row.file, server: row.server, sha256: row.sha256 },
  bytes: Number(row.bytes),
  entries: Number(row.entries),
  first: String(row.firstSequence),
  last: { sequence: String(row.lastSequence), hash: row.lastHash },
  archivedAt: row.archivedAt.toISOString(),
});

/** Reading and checking the audit. */
export const mountAuditRoutes = (mount: Mount, database: Database): void => {
  mount(auditRoutes.list, async ({ query, ctx }) => {
    chosenSort({ at: true }, query.sort, 'at');
    const scope = ctx.scope('audit.read', query.project);
    const { rows, next } = await pageOfAudit(database.prisma, { ...query, scope });
    return { items: rows.map(auditView), ...(next !== undefined && { next }) };
  });
  mount(auditRoutes.verify, ({ body }) => verifyAudit(database, { ...body }));
  mount(auditRoutes.export, async ({ query: { format, project, ...asked }, ctx, http }) => {
    // What comes while it is read is not in it, this one's own entry too.
    const until = asked.until ?? new Date().toISOString();
    const filter = { ...asked, until, scope: ctx.scope('audit.read', project) };
    await database.transaction((tx) =>
      recordAudit(tx, ctx, {
        action: 'audit.export',
        object: { kind: 'audit', name: format },
        projectPath: project ?? '/',
        detail: { filter },
      }),
    );
    http?.reply
      .type(TYPES[format])
      .header('content-disposition', `attachment; filename="audit-${until.slice(0, 10)}.${format}"`);
    return exportAudit(database.prisma, filter, format) as never;
  });
  mount(auditRoutes.archives, async ({ query }) => {
    const page = await pageOfArchives(database.prisma, query);
    return { ...page, items: page.items.map(archiveView) };
  });
};
