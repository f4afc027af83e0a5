import { DomainError, FINAL_TASK_STATES, type ImagePin, type ServiceSpec } from '@portreeve/domain';
import type { Tx } from '../platform/db/database.ts';
import type { ClusterKeys } from '../platform/keys/cluster-key.ts';
import type { ProjectRow } from '../projects/projects.store.ts';
import type { FilePin } from './rows.ts';
import { openSpec } from './state.store.ts';

const include = {
  stack: { include: { project: true } },
  rollouts: { orderBy: { number: 'desc' }, take: 1 },
  revisions: { orderBy: { number: 'desc' }, take: 1, select: { number: true } },
} as const;

export type FullRevision = {
  id: string;
  number: number;
  spec: ServiceSpec;
  pin: ImagePin;
  filePins: FilePin[];
  stackVersion: number;
};
/** A service about to be changed, with its stack, project and the rollout under way. */
export type ServiceTarget = {
  id: string;
  name: string;
  mode: string;
  desired: string;
  replicas: number;
  version: number;
  currentRevisionId: string | null;
  webhookHash: string | null;
  sealedWebhookKey: string | null;
  stack: { id: string; name: string; state: string };
  project: ProjectRow;
  rollout: RolloutTarget | undefined;
  lastRollout: number;
  lastRevision: number;
};
export type RolloutTarget = {
  id: string;
  number: number;
  state: string;
  fromRevisionId: string | null;
  toRevisionId: string;
  rollingBack: boolean;
};

const ACTIVE = ['running', 'paused', 'rolling back'];

/** A service by id. Throws `not-found`. */
export const getService = async (db: Tx, id: string): Promise<ServiceTarget> => {
  const row = await db.service.findFirst({ where: { id, removedAt: null }, include });
  if (!row) throw new DomainError('not-found', 'There is no such service.');
  const { stack, rollouts, revisions, ...service } = row;
  const [last] = rollouts;
  return {
    ...service,
    stack,
    project: stack.project,
    rollout: last && ACTIVE.includes(last.state) ? last : undefined,
    lastRollout: last?.number ?? 0,
    lastRevision: revisions[0]?.number ?? 0,
  };
};

/** Where a service is, for who needs no more of it. Throws `not-found`. */
export const projectPathOf = async (db: Tx, serviceId: string): Promise<string> => {
  const [row] = await db.$queryRaw<{ path: string }[]>`
    SELECT p.path FROM "Service" s JOIN "Stack" k ON k.id = s."stackId" JOIN "Project" p ON p.id = k."projectId"
    WHERE s.id = ${serviceId}::uuid AND s."removedAt" IS NULL`;
  if (row) return row.path;
  throw new DomainError('not-found', 'There is no such service.');
};

const full = (
  keys: ClusterKeys,
  row: {
    id: string;
    number: number;
    spec: unknown;
    pin: unknown;
    filePins: unknown;
    sealedEnvironment: string;
    stackVersion: number;
  },
): FullRevision => ({
  id: row.id,
  number: row.number,
  spec: openSpec(keys, row),
  pin: row.pin as ImagePin,
  filePins: row.filePins as FilePin[],
  stackVersion: row.stackVersion,
});

/** A revision of a service by id, whole. */
export const getRevision = async (db: Tx, keys: ClusterKeys, id: string): Promise<FullRevision> =>
  full(keys, await db.revision.findUniqueOrThrow({ where: { id } }));

/** A revision of a service by number. Throws `not-found`. */
export const getRevisionNumber = async (
  db: Tx,
  keys: ClusterKeys,
  serviceId: string,
  number: number,
): Promise<FullRevision> => {
  const row = await db.revision.findUnique({ where: { serviceId_number: { serviceId, number } } });
  if (row) return full(keys, row);
  throw new DomainError('not-found', `The service has no revision ${number}.`);
};

/** The revision that the service is on or, while it rolls forward, is going to. */
export const targetId = ({ rollout, currentRevisionId }: ServiceTarget): string => {
  const goesBack = rollout?.state === 'rolling back' || rollout?.rollingBack;
  const id = rollout && !goesBack ? rollout.toRevisionId : currentRevisionId;
  if (id) return id;
  throw new DomainError('conflict.state', 'The service has no revision yet.');
};

/**
 * Where an undo goes: back from the rollout under way, or from one that was aborted half way, else to what ran before
 * the present revision.
 */
export const undoTarget = async (db: Tx, service: ServiceTarget): Promise<string | undefined> => {
  if (service.rollout?.fromRevisionId && service.rollout.fromRevisionId !== service.rollout.toRevisionId)
    return service.rollout.fromRevisionId;
  const current = service.currentRevisionId;
  if (!current) return undefined;
  if (await isMixed(db, service.id, current)) return current;
  const came = await db.rollout.findFirst({
    where: {
      serviceId: service.id,
      toRevisionId: current,
      fromRevisionId: { not: null },
      NOT: { fromRevisionId: current },
    },
    orderBy: { number: 'desc' },
  });
  return came?.fromRevisionId ?? undefined;
};

/** Services of a stack that run and of which some revision asks to be restarted with another service. */
export const restartingServices = async (db: Tx, stackId: string): Promise<string[]> => {
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT s.id FROM "Service" s WHERE s."stackId" = ${stackId}::uuid AND s."removedAt" IS NULL AND s.desired = 'running'
      AND EXISTS (SELECT 1 FROM "Revision" r WHERE r."serviceId" = s.id AND r.spec->'dependsOn' @> '[{"restart":true}]')
      AND EXISTS (SELECT 1 FROM "Task" t WHERE t."serviceId" = s.id)
    ORDER BY s.id`;
  return rows.map(({ id }) => id);
};

/** An aborted rollout leaves tasks of other revisions behind, which a roll to the present one puts right. */
export const isMixed = async (db: Tx, serviceId: string, revisionId: string): Promise<boolean> =>
  (await db.task.count({
    where: {
      ...{ serviceId, desired: 'running', revisionId: { not: revisionId } },
      state: { notIn: [...FINAL_TASK_STATES] },
    },
  })) > 0;
