import { type AlertView, alertRoutes } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { recordAudit } from '../audit/audit.store.ts';
import { publishChange } from '../live/changes.ts';
import type { Database } from '../platform/db/database.ts';
import { isUniqueViolation } from '../platform/db/errors.ts';
import type { Mount } from '../platform/http/http.ts';
import type { ClusterKeys } from '../platform/keys/cluster-key.ts';
import { projectIdsWithin } from '../projects/projects.store.ts';
import { type AlertRow, acknowledgeAlert, getAlert, pageOfAlerts } from './alerts.store.ts';
import {
  type ChannelRow,
  channelContext,
  createChannel,
  getChannel,
  pageOfChannels,
  removeChannel,
  shownTarget,
  targetOf,
} from './channels.store.ts';
import { clusterName } from './deliveries.store.ts';
import { requireSmtpUrl, requireWebhookUrl, sendNotice, type Target } from './send.ts';

const PATHS: Record<string, string> = {
  node: '/nodes',
  service: '/services',
  rollout: '/rollouts',
  stack: '/stacks',
};
/** An alert as pages show it. */
export const alertView = (row: AlertRow): AlertView => ({
  id: row.id,
  kind: row.kind,
  severity: row.severity as AlertView['severity'],
  message: row.message,
  hint: row.hint,
  path: row.objectKind && PATHS[row.objectKind] ? `${PATHS[row.objectKind]}/${row.objectId}` : null,
  since: row.since.toISOString(),
  endedAt: row.endedAt?.toISOString() ?? null,
  acknowledgedBy: row.acknowledgedBy,
});

/** Alerts, and where they are sent. */
export const mountAlertRoutes = (mount: Mount, database: Database, keys: ClusterKeys): void => {
  const db = database.prisma;
  mount(alertRoutes.list, async ({ query, ctx }) => {
    const scope = ctx.scope('alert.read', query.project);
    const projectIds = await projectIdsWithin(db, scope);
    const page = await pageOfAlerts(db, { projectIds, cluster: ctx.may('alert.read') }, query);
    return { ...page, items: page.items.map(alertView) };
  });
  mount(alertRoutes.acknowledge, async ({ params, ctx }) => {
    const { row, projectPath } = await getAlert(db, params.id);
    ctx.authorize('alert.edit', projectPath);
    const acknowledged = await database.transaction(async (tx) => {
      const changed = await acknowledgeAlert(tx, row.id, ctx.subject.name);
      await recordAudit(tx, ctx, {
        action: 'alert.acknowledge',
        object: { kind: 'alert', id: row.id, name: row.message.slice(0, 200) },
        projectPath: projectPath ?? '/',
      });
      await publishChange(tx, { kind: 'alert', ids: [row.id] });
      return changed;
    });
    return alertView(acknowledged);
  });

  const channelView = (row: ChannelRow) => ({
    id: row.id,
    kind: row.kind as Target['kind'],
    name: row.name,
    target: shownTarget(targetOf(row, keys)),
    enabled: row.enabled,
    lastError: row.lastError,
  });
  mount(alertRoutes.channels, async ({ query }) => {
    const page = await pageOfChannels(db, query);
    return { ...page, items: page.items.map(channelView) };
  });
  mount(alertRoutes.createChannel, async ({ body, ctx }) => {
    const { name, ...target } = body;
    if (target.kind === 'webhook') requireWebhookUrl(target.url);
    else requireSmtpUrl(target.smtpUrl);
    const id = uuid();
    const sealedTarget = keys.seal(JSON.stringify(target), channelContext(id));
    await database
      .transaction(async (tx) => {
        await createChannel(tx, { id, kind: target.kind, name, sealedTarget });
        await recordAudit(tx, ctx, {
          action: 'alert-channel.create',
          object: { kind: 'alert-channel', id, name },
          detail: { target: shownTarget(target) },
        });
        await publishChange(tx, { kind: 'settings', ids: [id] });
      })
      .catch((error) => {
        if (!isUniqueViolation(error)) throw error;
        throw new DomainError('conflict.name', `There is a channel ${name} already.`);
      });
    return channelView(await getChannel(db, id));
  });
  mount(alertRoutes.testChannel, async ({ params, ctx }) => {
    const row = await getChannel(db, params.id);
    ctx.authorize('alert.edit');
    const cluster = await clusterName(db);
    const alert = {
      ...{ id: row.id, kind: 'test', severity: 'info', since: new Date().toISOString() },
      ...{ message: `A test, sent by ${ctx.subject.name}.`, hint: 'Nothing is wrong.' },
    };
    const problem = await sendNotice(targetOf(row, keys), { cluster, event: 'test', alert }).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    const ok = problem === undefined;
    await database.transaction((tx) =>
      recordAudit(tx, ctx, {
        action: 'alert-channel.test',
        object: { kind: 'alert-channel', id: row.id, name: row.name },
        outcome: ok ? 'done' : 'failed',
      }),
    );
    return { ok, text: problem ?? 'It was taken.' };
  });
  mount(alertRoutes.removeChannel, async ({ params, ctx }) => {
    const row = await getChannel(db, params.id);
    ctx.authorize('alert.edit');
    await database.transaction(async (tx) => {
      await removeChannel(tx, row.id);
      await recordAudit(tx, ctx, {
        action: 'alert-channel.remove',
        object: { kind: 'alert-channel', id: row.id, name: row.name },
      });
      await publishChange(tx, { kind: 'settings', ids: [row.id] });
    });
    return null;
  });
};
