import { type AuditForwardView, auditForwardRoutes } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import type { z } from 'zod';
import { clusterName } from '../alerts/deliveries.store.ts';
import { requireWebhookUrl } from '../alerts/send.ts';
import { publishChange } from '../live/changes.ts';
import type { Database, Tx } from '../platform/db/database.ts';
import { isUniqueViolation } from '../platform/db/errors.ts';
import type { RequestContext } from '../platform/http/context.ts';
import type { Mount } from '../platform/http/http.ts';
import type { ClusterKeys } from '../platform/keys/cluster-key.ts';
import { recordAudit } from './audit.store.ts';
import { type ChainLine, FIRST_HASH } from './chain.ts';
import { sendEntries } from './forward.loop.ts';
import {
  createForward,
  type ForwardRow,
  type ForwardTarget,
  forwardContext,
  forwardTarget,
  getForward,
  pageOfForwards,
  removeForward,
  shownForward,
  switchForward,
} from './forwards.store.ts';
import { lastSeal } from './seal.store.ts';
import { requireSyslogHost } from './syslog.ts';
import { archivedTo } from './verify.store.ts';

/** Of no chain: number 0 with no hash. */
const testLine = (name: string): ChainLine => ({
  ...{ sequence: '0', previousHash: FIRST_HASH, hash: FIRST_HASH },
  entry: {
    ...{ id: uuid(), at: new Date().toISOString(), actorKind: 'user', actorId: null, actorName: name },
    ...{ via: 'browser', address: '', action: 'audit-forward.test', objectKind: null, objectId: null },
    ...{ objectName: null, projectPath: null, outcome: 'done', detail: { test: true }, grantId: null },
  },
});

/** Where the audit is sent to. */
export const mountForwardRoutes = (mount: Mount, database: Database, keys: ClusterKeys): void => {
  const db = database.prisma;
  const headNow = async (tx: Tx): Promise<bigint> => (await lastSeal(tx))?.sequence ?? 0n;
  const view = (row: ForwardRow, head: bigint): z.input<typeof AuditForwardView> => ({
    ...{ id: row.id, name: row.name, kind: row.kind as ForwardTarget['kind'], enabled: row.enabled },
    target: shownForward(forwardTarget(row, keys)),
    sent: String(row.sentSequence),
    behind: Math.max(0, Number(head - row.sentSequence)),
    lastSentAt: row.lastSentAt?.toISOString() ?? null,
    lastError: row.lastError,
    nextTryAt: row.nextTryAt.toISOString(),
    createdAt: row.createdAt.toISOString(),
  });
  const viewOf = async (id: string) => view(await getForward(db, id), await headNow(db));
  const audited = async (
    ctx: RequestContext,
    verb: string,
    { id, name }: { id: string; name: string },
    more: Partial<Parameters<typeof recordAudit>[2]> & { change?: (tx: Tx) => Promise<void> } = {},
  ): Promise<void> => {
    const { change, ...record } = more;
    await database.transaction(async (tx) => {
      await change?.(tx);
      const object = { kind: 'audit-forward', id, name };
      await recordAudit(tx, ctx, { action: `audit-forward.${verb}`, object, ...record });
      await publishChange(tx, { kind: 'settings', ids: [id] });
    });
  };

  mount(auditForwardRoutes.list, async ({ query }) => {
    const head = await headNow(db);
    const page = await pageOfForwards(db, query);
    return { ...page, items: page.items.map((row) => view(row, head)) };
  });
  mount(auditForwardRoutes.create, async ({ body, ctx }) => {
    const { name, from, ...target } = body;
    if (target.kind === 'webhook') requireWebhookUrl(target.url);
    else requireSyslogHost(target);
    const id = uuid();
    const sealedTarget = keys.seal(JSON.stringify(target), forwardContext(id));
    const change = async (tx: Tx): Promise<void> => {
      const start = from === 'now' ? await headNow(tx) : ((await archivedTo(tx))?.sequence ?? 0n);
      await createForward(tx, { id, kind: target.kind, name, sealedTarget, sentSequence: start });
    };
    await audited(
      ctx,
      'create',
      { id, name },
      { change, detail: { target: shownForward(target), from } },
    ).catch((error) => {
      if (!isUniqueViolation(error)) throw error;
      throw new DomainError('conflict.name', `The audit is sent to a ${name} already.`);
    });
    return viewOf(id);
  });
  for (const verb of ['hold', 'resume'] as const)
    mount(auditForwardRoutes[verb], async ({ params, ctx }) => {
      const row = await getForward(db, params.id);
      ctx.authorize('audit.edit');
      await audited(ctx, verb, row, {
        change: (tx) => switchForward(tx, row.id, verb === 'resume', new Date()),
      });
      return viewOf(row.id);
    });
  mount(auditForwardRoutes.test, async ({ params, ctx }) => {
    const row = await getForward(db, params.id);
    ctx.authorize('audit.edit');
    const line = testLine(ctx.subject.name);
    const problem = await sendEntries(forwardTarget(row, keys), await clusterName(db), [line]).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    const ok = problem === undefined;
    await audited(ctx, 'test', row, { outcome: ok ? 'done' : 'failed' });
    return { ok, text: problem ?? 'It was taken.' };
  });
  mount(auditForwardRoutes.remove, async ({ params, ctx }) => {
    const row = await getForward(db, params.id);
    ctx.authorize('audit.edit');
    await audited(ctx, 'remove', row, { change: (tx) => removeForward(tx, row.id) });
    return null;
  });
};
