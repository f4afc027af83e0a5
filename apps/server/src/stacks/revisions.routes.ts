import { type RevisionView, type RolloutSummary, serviceRoutes } from '@portreeve/contract';
import type { ImagePin, RolloutCause, RolloutState, ServiceSpec } from '@portreeve/domain';
import { diffSpec } from '@portreeve/planning';
import type { Mount } from '../platform/http/http.ts';
import type { DeployDeps } from './deploy.service.ts';
import { pageOfAll } from './page.ts';
import { getRevisionNumber, getService } from './service-target.store.ts';
import { maskChanges } from './spec-changes.ts';
import { openSpec } from './state.store.ts';
import { taskViews } from './task-view.ts';

type Row = {
  id: string;
  number: number;
  spec: unknown;
  sealedEnvironment: string;
  pin: unknown;
  stackVersion: number;
  createdAt: Date;
  createdBy: string;
};

const FINAL = ['complete', 'stopped', 'failed', 'rejected', 'lost'];
/** Histories are kept for long and read from their newest end. */
const MOST_REVISIONS = 500;

/** What became of a service over time: tasks, revisions, rollouts. */
export const mountHistoryRoutes = (mount: Mount, { database, keys }: DeployDeps): void => {
  const db = database.prisma;
  const bytesOf = (pin: ImagePin) => (pin.kind === 'digest' ? pin.digest : pin.imageId);

  const changes = (from: Row | undefined, to: Row, mayRead: boolean) => {
    if (!from) return [];
    const [before, after] = [from.pin as ImagePin, to.pin as ImagePin];
    const digest =
      bytesOf(before) === bytesOf(after)
        ? []
        : [{ path: 'digest', from: bytesOf(before), to: bytesOf(after) }];
    return [...maskChanges(diffSpec(openSpec(keys, from), openSpec(keys, to)), mayRead), ...digest];
  };
  const viewOf = (
    row: Row,
    before: Row | undefined,
    current: string | null,
    mayRead: boolean,
  ): RevisionView => ({
    id: row.id,
    number: row.number,
    current: row.id === current,
    image: (row.spec as ServiceSpec).image,
    pin: row.pin as ImagePin,
    stackVersion: row.stackVersion,
    createdAt: row.createdAt.toISOString(),
    createdBy: row.createdBy,
    changes: changes(before, row, mayRead),
  });

  mount(serviceRoutes.tasks, async ({ params, query, ctx }) => {
    const service = await getService(db, params.id);
    ctx.authorize('stack.read', service.project.path);
    const where = { serviceId: params.id, ...(query.ended === 'no' && { state: { notIn: FINAL } }) };
    const all = await taskViews(db, where);
    const sorts = {
      slot: ({ slot }: (typeof all)[number]) => slot,
      createdAt: ({ createdAt }: (typeof all)[number]) => createdAt,
      state: ({ state }: (typeof all)[number]) => state,
    };
    return pageOfAll(all, query, sorts, 'slot');
  });
  mount(serviceRoutes.revisions, async ({ params, query, ctx }) => {
    const service = await getService(db, params.id);
    ctx.authorize('stack.read', service.project.path);
    const mayRead = ctx.may('service.env.read', service.project.path);
    const rows = await db.revision.findMany({
      where: { serviceId: params.id },
      orderBy: { number: 'desc' },
      take: MOST_REVISIONS,
    });
    const page = pageOfAll(
      rows,
      { ...query, direction: query.direction ?? 'desc' },
      { number: ({ number }) => number },
      'number',
    );
    const before = (row: Row) => rows.find(({ number }) => number < row.number);
    return {
      ...page,
      items: page.items.map((row) => viewOf(row, before(row), service.currentRevisionId, mayRead)),
    };
  });
  mount(serviceRoutes.revision, async ({ params, ctx }) => {
    const service = await getService(db, params.id);
    ctx.authorize('stack.read', service.project.path);
    const mayRead = ctx.may('service.env.read', service.project.path);
    const { spec } = await getRevisionNumber(db, keys, params.id, params.number);
    const where = { serviceId: params.id, number: { lte: params.number } };
    const [row, before] = await db.revision.findMany({ where, orderBy: { number: 'desc' }, take: 2 });
    if (!row) throw new Error('the revision was there a moment ago');
    const { command: _, entrypoint: __, ...open } = spec;
    return {
      ...viewOf(row, before, service.currentRevisionId, mayRead),
      spec: mayRead ? spec : { ...open, environment: {} },
      environmentHidden: !mayRead,
    };
  });
  mount(serviceRoutes.diff, async ({ params, query, ctx }) => {
    const service = await getService(db, params.id);
    ctx.authorize('stack.read', service.project.path);
    const rows = await db.revision.findMany({
      where: { serviceId: params.id, number: { in: [query.from, query.to] } },
    });
    const to = rows.find(({ number }) => number === query.to);
    if (!to) return { changes: [] };
    const mayRead = ctx.may('service.env.read', service.project.path);
    return {
      changes: changes(
        rows.find(({ number }) => number === query.from),
        to,
        mayRead,
      ),
    };
  });
  mount(serviceRoutes.rollouts, async ({ params, query, ctx }) => {
    const service = await getService(db, params.id);
    ctx.authorize('stack.read', service.project.path);
    const rows = await db.rollout.findMany({
      where: { serviceId: params.id },
      orderBy: { number: 'desc' },
      take: MOST_REVISIONS,
    });
    const page = pageOfAll(
      rows,
      { ...query, direction: query.direction ?? 'desc' },
      { number: ({ number }) => number },
      'number',
    );
    const revisions = await db.revision.findMany({
      where: { serviceId: params.id },
      select: { id: true, number: true },
    });
    const numberOf = new Map(revisions.map(({ id, number }) => [id, number]));
    const items = page.items.map(
      (row): RolloutSummary => ({
        id: row.id,
        number: row.number,
        state: row.state as RolloutState,
        cause: row.cause as RolloutCause,
        causedBy: row.causedBy,
        fromRevision: numberOf.get(row.fromRevisionId ?? '') ?? null,
        toRevision: numberOf.get(row.toRevisionId) ?? 0,
        startedAt: row.startedAt.toISOString(),
        endedAt: row.endedAt?.toISOString() ?? null,
        reason: row.reason,
        turned: row.state === 'succeeded' ? service.replicas : 0,
        slots: service.replicas,
      }),
    );
    return { ...page, items };
  });
};
