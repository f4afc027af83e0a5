import { type RevisionView, serviceRoutes } from '@portreeve/contract';
import type { ImagePin, ServiceSpec } from '@portreeve/domain';
import { diffSpec, keepsImage } from '@portreeve/planning';
import type { Mount } from '../platform/http/http.ts';
import type { DeployDeps } from './deploy.service.ts';
import {
  newestRevision,
  pageOfRevisions,
  pageOfRollouts,
  pageOfTasks,
  type RevisionStep,
  revisionStep,
  revisionsNumbered,
} from './history.store.ts';
import { getRevisionNumber, getService, projectPathOf } from './service-target.store.ts';
import { maskChanges } from './spec-changes.ts';
import { openSpec } from './state.store.ts';

/** What became of a service over time: tasks, revisions, rollouts. */
export const mountHistoryRoutes = (mount: Mount, { database, keys }: DeployDeps): void => {
  const db = database.prisma;
  const bytesOf = (pin: ImagePin) => (pin.kind === 'digest' ? pin.digest : pin.imageId);

  const changes = ({ row, before }: RevisionStep, mayRead: boolean) => {
    if (!before) return [];
    const [was, is] = [before.pin as ImagePin, row.pin as ImagePin];
    const digest =
      bytesOf(was) === bytesOf(is) ? [] : [{ path: 'digest', from: bytesOf(was), to: bytesOf(is) }];
    return [...maskChanges(diffSpec(openSpec(keys, before), openSpec(keys, row)), mayRead), ...digest];
  };
  type Seen = { current: string | null; newest: number; mayRead: boolean };
  const viewOf = (step: RevisionStep, { current, newest, mayRead }: Seen): RevisionView => {
    const { row } = step;
    const { image, pullPolicy } = row.spec as ServiceSpec;
    const pin = row.pin as ImagePin;
    return {
      id: row.id,
      number: row.number,
      current: row.id === current,
      image,
      pin,
      imageKept: keepsImage({ number: row.number, newest, pin, pullPolicy }),
      stackVersion: row.stackVersion,
      createdAt: row.createdAt.toISOString(),
      createdBy: row.createdBy,
      changes: changes(step, mayRead),
    };
  };

  mount(serviceRoutes.tasks, async ({ params, query, ctx }) => {
    ctx.authorize('stack.read', await projectPathOf(db, params.id));
    return pageOfTasks(db, params.id, query);
  });
  mount(serviceRoutes.revisions, async ({ params, query, ctx }) => {
    const service = await getService(db, params.id);
    ctx.authorize('stack.read', service.project.path);
    const mayRead = ctx.may('service.env.read', service.project.path);
    const page = await pageOfRevisions(db, params.id, query);
    const newest = await newestRevision(db, params.id);
    const seen = { current: service.currentRevisionId, newest, mayRead };
    return { ...page, items: page.items.map((step) => viewOf(step, seen)) };
  });
  mount(serviceRoutes.revision, async ({ params, ctx }) => {
    const service = await getService(db, params.id);
    ctx.authorize('stack.read', service.project.path);
    const mayRead = ctx.may('service.env.read', service.project.path);
    const { spec } = await getRevisionNumber(db, keys, params.id, params.number);
    const step = await revisionStep(db, params.id, params.number);
    if (!step) throw new Error('the revision was there a moment ago');
    const newest = await newestRevision(db, params.id);
    const { command: _, entrypoint: __, ...open } = spec;
    return {
      ...viewOf(step, { current: service.currentRevisionId, newest, mayRead }),
      spec: mayRead ? spec : { ...open, environment: {} },
      environmentHidden: !mayRead,
    };
  });
  mount(serviceRoutes.diff, async ({ params, query, ctx }) => {
    const path = await projectPathOf(db, params.id);
    ctx.authorize('stack.read', path);
    const rows = await revisionsNumbered(db, params.id, [query.from, query.to]);
    const row = rows.find(({ number }) => number === query.to);
    if (!row) return { changes: [] };
    const before = rows.find(({ number }) => number === query.from);
    return { changes: changes({ row, before }, ctx.may('service.env.read', path)) };
  });
  mount(serviceRoutes.rollouts, async ({ params, query, ctx }) => {
    const service = await getService(db, params.id);
    ctx.authorize('stack.read', service.project.path);
    return pageOfRollouts(db, service, query);
  });
};
