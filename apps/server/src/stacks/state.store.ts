import type { ServiceSpec } from '@portreeve/domain';
import { DomainError } from '@portreeve/domain';
import { SEALED } from '../agents/sealed.ts';
import type { Tx } from '../platform/db/database.ts';
import type { ClusterKeys } from '../platform/keys/cluster-key.ts';
import type { RevisionData } from './revision-cache.ts';
import type { FilePin } from './rows.ts';

export type StackRow = {
  id: string;
  projectId: string;
  name: string;
  version: number;
  stackVersion: number;
  state: string;
};
/** A service with the revision it is on or moving to, its environment opened. */
export type PresentService = {
  id: string;
  name: string;
  desired: string;
  mode: string;
  replicas: number;
  version: number;
  currentRevisionId: string | null;
  rollout: { id: string; number: number; state: string } | undefined;
  lastRevision: number;
  lastRollout: number;
  target: RevisionData | undefined;
  /** An aborted rollout left tasks of another revision. */
  mixed: boolean;
};
export type PresentStack = {
  stack: StackRow;
  services: PresentService[];
  networks: { id: string; name: string; internal: boolean; subnet: string }[];
  volumes: { id: string; name: string; driverOptions: unknown }[];
  files: { id: string; kind: string; name: string; version: number; sealed: string }[];
};

/** The stack of that name in a project, unless it is gone. */
export const findStack = (db: Tx, projectId: string, name: string): Promise<StackRow | null> =>
  db.stack.findFirst({ where: { projectId, name, removedAt: null } });

/** A stack that is being removed is not there any more for those who want to change it. */
export const requireActive = (stack: StackRow): void => {
  if (stack.state !== 'removing') return;
  throw new DomainError('conflict.state', `The stack ${stack.name} is being removed.`, {
    hint: 'Wait until its last task has stopped, then apply again.',
  });
};

const ACTIVE = ['running', 'paused', 'rolling back'];

/** Opens the environment of a revision, which its spec column does not hold. */
export const openSpec = (
  keys: ClusterKeys,
  row: { id: string; spec: unknown; sealedEnvironment: string },
): ServiceSpec => ({
  ...(row.spec as ServiceSpec),
  environment: JSON.parse(keys.unseal(row.sealedEnvironment, SEALED.environment(row.id))) as Record<
    string,
    string
  >,
});

/** Everything an apply compares with. With `lock` the services stay as they are until the transaction ends. */
export const loadPresent = async (
  db: Tx,
  keys: ClusterKeys,
  stack: StackRow,
  lock = false,
): Promise<PresentStack> => {
  if (lock)
    await db.$queryRaw`
      SELECT id FROM "Service" WHERE "stackId" = ${stack.id}::uuid AND "removedAt" IS NULL ORDER BY id FOR UPDATE`;
  const services = await db.service.findMany({
    where: { stackId: stack.id, removedAt: null },
    orderBy: { name: 'asc' },
    include: {
      rollouts: { orderBy: { number: 'desc' }, take: 1 },
      revisions: { orderBy: { number: 'desc' }, take: 1, select: { number: true } },
    },
  });
  const targetId = ({ rollouts: [last], currentRevisionId }: (typeof services)[number]): string | null =>
    last && ACTIVE.includes(last.state) && last.state !== 'rolling back' && !last.rollingBack
      ? last.toRevisionId
      : currentRevisionId;
  // One after the other: a transaction has one connection.
  const revisions = await db.revision.findMany({
    where: { id: { in: services.flatMap((service) => targetId(service) ?? []) } },
  });
  const mixed = await db.$queryRaw<{ id: string }[]>`
    SELECT DISTINCT s.id FROM "Service" s JOIN "Task" t ON t."serviceId" = s.id
    WHERE s."stackId" = ${stack.id}::uuid AND t."revisionId" <> s."currentRevisionId" AND t.desired = 'running'
      AND t.state NOT IN ('complete', 'stopped', 'failed', 'rejected', 'lost')`;
  const ofStack = { stackId: stack.id, removedAt: null };
  const networks = await db.network.findMany({
    where: ofStack,
    select: { id: true, name: true, internal: true, subnet: true },
  });
  const volumes = await db.volume.findMany({
    where: ofStack,
    select: { id: true, name: true, driverOptions: true },
    orderBy: { createdAt: 'asc' },
  });
  const files = await db.storedFile.findMany({
    where: ofStack,
    include: { versions: { orderBy: { version: 'desc' }, take: 1 } },
  });
  const revisionOf = new Map(revisions.map((row) => [row.id, row]));
  return {
    stack,
    services: services.map((service): PresentService => {
      const row = revisionOf.get(targetId(service) ?? '');
      const [last] = service.rollouts;
      return {
        ...service,
        rollout: last && ACTIVE.includes(last.state) ? last : undefined,
        lastRevision: service.revisions[0]?.number ?? 0,
        lastRollout: last?.number ?? 0,
        mixed: mixed.some(({ id }) => id === service.id),
        target: row && {
          id: row.id,
          serviceId: row.serviceId,
          number: row.number,
          spec: openSpec(keys, row),
          pin: row.pin as RevisionData['pin'],
          filePins: row.filePins as FilePin[],
        },
      };
    }),
    networks,
    volumes,
    files: files.map(({ id, kind, name, version, versions }) => ({
      id,
      kind,
      name,
      version,
      sealed: versions[0]?.sealed ?? '',
    })),
  };
};
