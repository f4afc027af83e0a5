import type { ServiceView } from '@portreeve/contract';
import { DomainError, isEnded, type Permission } from '@portreeve/domain';
import type { Tx } from '../platform/db/database.ts';
import type { RequestContext } from '../platform/http/context.ts';
import { failuresNow } from '../rollouts/failures.store.ts';
import { rolloutView } from '../rollouts/rollout-view.ts';
import type { RevisionCache } from './revision-cache.ts';
import { serviceRows } from './service-rows.store.ts';
import { getService, undoTarget } from './service-target.store.ts';
import { serviceSummaries } from './service-view.ts';
import { tasksSince } from './task-view.store.ts';

/** What buttons of a service or stack need. */
const ASKED: readonly Permission[] = [
  'service.deploy',
  'service.scale',
  'service.stop',
  'service.remove',
  'service.logs',
  'service.exec',
  'service.env.read',
  'service.webhook',
];
export const mayOf = (ctx: RequestContext, projectPath: string): Record<string, boolean> =>
  Object.fromEntries(ASKED.map((permission) => [permission, ctx.may(permission, projectPath)]));

/** Tasks that ended are shown this long on the page of their service. */
const LATELY_MS = 3_600_000;

const inWords = (waitingOn: { kind: string; services?: string[]; sentence?: string }[]): string[] =>
  waitingOn.map(({ services, sentence }) => sentence ?? `waits for ${(services ?? []).join(', ')}`);

/** Everything the page of a service shows first. Throws `not-found`. */
export const serviceDetail = async (
  db: Tx,
  revisionsOf: RevisionCache,
  ctx: RequestContext,
  id: string,
): Promise<ServiceView> => {
  const service = await getService(db, id);
  ctx.authorize('stack.read', service.project.path);
  const [[summary], [row], tasks, undo, revisions] = await Promise.all([
    serviceSummaries(db, { ids: [id] }),
    serviceRows(db, { ids: [id] }),
    tasksSince(db, id, new Date(Date.now() - LATELY_MS)),
    undoTarget(db, service),
    revisionsOf(db, service.currentRevisionId ? [service.currentRevisionId] : []),
  ]);
  if (!summary || !row) throw new DomainError('not-found', 'There is no such service.');
  const spec = revisions.get(service.currentRevisionId ?? '')?.spec;
  const undoNumber = undo && (await revisionsOf(db, [undo])).get(undo)?.number;
  const now = new Date();
  const active = summary.rollout && !isEnded(summary.rollout.state) ? summary.rollout.id : undefined;
  return {
    ...summary,
    version: row.version,
    replicas: row.replicas,
    waitingOn: inWords(row.waitingOn),
    next: row.next,
    tasks,
    activeRollout: active ? await rolloutView(db, revisionsOf, ctx, active) : null,
    failures: active
      ? []
      : await failuresNow(db, {
          ...{ serviceId: id, since: new Date(now.getTime() - LATELY_MS), until: now },
          mayReadLogs: ctx.may('service.logs', service.project.path),
        }),
    undoTo: undo && undoNumber ? { id: undo, number: undoNumber } : null,
    may: mayOf(ctx, service.project.path),
    hasWebhook: service.webhookHash !== null,
    dependsOn: spec?.dependsOn.map(({ service: name }) => name) ?? [],
    networks: spec?.networkMode === 'stack' ? spec.networks.map(({ name }) => name) : [],
    volumes: [
      ...new Set(spec?.mounts.flatMap((m) => (m.kind === 'volume' && m.source ? m.source : [])) ?? []),
    ],
  };
};
