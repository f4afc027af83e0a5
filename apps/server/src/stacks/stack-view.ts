import type { StackSummary, StackView } from '@portreeve/contract';
import { DomainError, isEnded } from '@portreeve/domain';
import { diffSpec } from '@portreeve/planning';
import type { Tx } from '../platform/db/database.ts';
import type { RequestContext } from '../platform/http/context.ts';
import type { ClusterKeys } from '../platform/keys/cluster-key.ts';
import type { StackFiles } from './file-cache.ts';
import { mayOf } from './service-detail.ts';
import { stackStanding } from './service-state.ts';
import { getRevision } from './service-target.store.ts';
import { serviceSummaries } from './service-view.ts';
import { maskChanges } from './spec-changes.ts';
import {
  type StackRowWithProject,
  stackNetworks,
  stackRows,
  volumeViews,
  wishedImages,
  wishedServices,
} from './stack-rows.store.ts';

type Services = Awaited<ReturnType<typeof serviceSummaries>>;

const onTheWay = (services: Services): string[] =>
  services.filter(({ rollout }) => rollout && !isEnded(rollout.state)).map(({ id }) => id);

const summaryOf = async (
  row: StackRowWithProject,
  own: Services,
  files: StackFiles,
  images: ReadonlyMap<string, string>,
): Promise<StackSummary> => {
  const [version] = row.versions;
  const wished = version && (await files(version.id));
  const standing = stackStanding(
    row.state,
    own.map(({ name, state, why, count }) => ({ name, standing: { state, why, count } })),
  );
  // What today's rules do not read any more says nothing of what was wished for.
  const differs = own.some(({ id, name, desired, image, count, mode }) => {
    if (!wished) return false;
    const entry = wished.find((service) => service.name === name);
    if (!entry || desired === 'stopped') return true;
    if (entry.spec.image !== (images.get(id) ?? image)) return true;
    return entry.replicas !== undefined && mode === 'replicated' && entry.replicas !== count.wanted;
  });
  const changed = own.toSorted((a, b) => (a.changedAt < b.changedAt ? 1 : -1))[0];
  return {
    id: row.id,
    name: row.name,
    projectPath: row.project.path,
    version: row.version,
    stackVersion: row.stackVersion,
    ...standing,
    services: own.length,
    changedAt: changed?.changedAt ?? row.updatedAt.toISOString(),
    changedBy: changed?.changedBy ?? version?.appliedBy ?? '',
    endpoints: [...new Set(own.flatMap(({ endpoints }) => endpoints))],
    differsFromFile: row.state === 'active' && differs,
  };
};

/** Stacks of these projects. */
export const stackSummaries = async (
  db: Tx,
  files: StackFiles,
  projectIds: string[],
): Promise<StackSummary[]> => {
  const [rows, services] = await Promise.all([
    stackRows(db, { projectId: { in: projectIds } }),
    serviceSummaries(db, { projectIds }),
  ]);
  const own = Map.groupBy(services, ({ stackId }) => stackId);
  const images = await wishedImages(db, onTheWay(services));
  return Promise.all(rows.map((row) => summaryOf(row, own.get(row.id) ?? [], files, images)));
};

/** What was wished since the file was applied: other specs by an undo or webhook, other numbers by a scale. */
const fileDifferences = async (
  db: Tx,
  keys: ClusterKeys,
  ctx: RequestContext,
  row: StackRowWithProject,
  own: Services,
  files: StackFiles,
): Promise<StackView['fileDifferences']> => {
  const [version] = row.versions;
  const wished = version && (await files(version.id));
  if (!wished) return [];
  const services = await wishedServices(
    db,
    own.map(({ id }) => id),
  );
  const mayRead = ctx.may('service.env.read', row.project.path);
  const found = await Promise.all(
    wished.map(async ({ name, spec, replicas }) => {
      const summary = own.find((service) => service.name === name);
      const service = services.find(({ id }) => id === summary?.id);
      const revisionId = service?.rollouts[0]?.toRevisionId ?? service?.currentRevisionId;
      if (!service || !revisionId) return { service: name, changes: [] };
      const now = (await getRevision(db, keys, revisionId)).spec;
      const scaled =
        replicas !== undefined && replicas !== service.replicas
          ? [{ path: 'replicas', from: replicas, to: service.replicas }]
          : [];
      return { service: name, changes: [...maskChanges(diffSpec(spec, now), mayRead), ...scaled] };
    }),
  );
  return found.filter(({ changes }) => changes.length > 0);
};

export type StackDetailDeps = { db: Tx; keys: ClusterKeys; files: StackFiles };

/** One stack with its services, by id or by name in a project. Throws `not-found`. */
export const stackDetail = async (
  { db, keys, files }: StackDetailDeps,
  ctx: RequestContext,
  which: { id: string } | { projectId: string; name: string },
): Promise<StackView> => {
  const where = 'id' in which ? which : { projectId: { in: [which.projectId] }, name: which.name };
  const [row] = await stackRows(db, where);
  if (!row) throw new DomainError('not-found', 'There is no such stack.');
  ctx.authorize('stack.read', row.project.path);
  const own = await serviceSummaries(db, { stackIds: [row.id] });
  const [summary, differences, networks, volumes] = await Promise.all([
    summaryOf(row, own, files, new Map()),
    row.state === 'active' ? fileDifferences(db, keys, ctx, row, own, files) : [],
    stackNetworks(db, row.id),
    volumeViews(db, row.id),
  ]);
  return {
    ...summary,
    differsFromFile: differences.length > 0,
    serviceList: own,
    may: mayOf(ctx, row.project.path),
    fileDifferences: differences,
    networks,
    volumes,
  };
};
