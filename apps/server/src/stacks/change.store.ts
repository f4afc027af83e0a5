import { DomainError, type RolloutCause } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { recordEvents } from '../activity/events.store.ts';
import { recordAudit } from '../audit/audit.store.ts';
import { publishChange } from '../live/changes.ts';
import type { Tx } from '../platform/db/database.ts';
import type { Prisma } from '../platform/db/generated/client.ts';
import type { RequestContext } from '../platform/http/context.ts';
import type { ClusterKeys } from '../platform/keys/cluster-key.ts';
import { revisionRow, supersede } from './apply.store.ts';
import type { FullRevision, ServiceTarget } from './service-target.store.ts';

/** A change of one service that a person (or webhook) asked for. */
export type ServiceChange = {
  ctx: RequestContext;
  service: ServiceTarget;
  /** `noun.verb` of the audit entry and the timeline. */
  action: string;
  text: string;
  detail?: Prisma.InputJsonObject;
};

const moved = (name: string): DomainError =>
  new DomainError('conflict.version', `The service ${name} was changed meanwhile; nothing was done.`, {
    hint: 'Look at it again, and repeat what is still wanted.',
  });

/**
 * Changes the wish of a service if it still is as it was seen, raises the versions that plans depend on, and tells
 * audit, timeline and every page.
 */
export const changeService = async (
  tx: Tx,
  { ctx, service, action, text, detail }: ServiceChange,
  data: Prisma.ServiceUpdateManyMutationInput,
  now: Date,
): Promise<void> => {
  const { project, stack } = service;
  const { count } = await tx.service.updateMany({
    where: { id: service.id, removedAt: null, desired: service.desired, replicas: service.replicas },
    data: { ...data, version: { increment: 1 }, changedAt: now, changedBy: ctx.subject.name },
  });
  if (count === 0) throw moved(service.name);
  await tx.stack.update({ where: { id: stack.id }, data: { version: { increment: 1 }, updatedAt: now } });
  await recordEvents(tx, [
    {
      kind: action,
      text: `${ctx.subject.name} ${text}`,
      projectId: project.id,
      stackId: stack.id,
      serviceId: service.id,
      actorName: ctx.subject.name,
    },
  ]);
  await recordAudit(tx, ctx, {
    action,
    object: { kind: 'service', id: service.id, name: `${stack.name}/${service.name}` },
    projectPath: project.path,
    detail: detail ?? {},
  });
  await publishChange(
    tx,
    { kind: 'service', ids: [service.id, stack.id] },
    { kind: 'rollout', ids: [service.id] },
    { kind: 'stack', ids: [stack.id] },
  );
};

/** Adds a revision after the last one. */
export const addRevision = async (
  tx: Tx,
  keys: ClusterKeys,
  service: ServiceTarget,
  revision: Omit<FullRevision, 'id' | 'number'>,
  createdBy: string,
): Promise<string> => {
  const row = revisionRow(keys, {
    ...revision,
    serviceId: service.id,
    number: service.lastRevision + 1,
    createdBy,
  });
  await tx.revision.create({ data: row });
  return row.id;
};

/** Begins a rollout in place of the one under way. */
export const beginRollout = async (
  tx: Tx,
  { ctx, service, text }: ServiceChange,
  to: { revisionId: string; cause: RolloutCause; restart?: boolean },
  now: Date,
): Promise<string> => {
  if (service.rollout) await supersede(tx, [service.rollout.id], now, `a newer rollout began (${to.cause})`);
  const id = uuid();
  await tx.rollout.create({
    data: {
      id,
      serviceId: service.id,
      number: service.lastRollout + 1,
      fromRevisionId: service.currentRevisionId,
      toRevisionId: to.revisionId,
      cause: to.cause,
      causedBy: ctx.subject.name,
      restartToken: to.restart ? uuid() : null,
      startedAt: now,
    },
  });
  const story = `${ctx.subject.name} ${text}`;
  await tx.rolloutEvent.create({ data: { id: uuid(), rolloutId: id, at: now, kind: 'start', text: story } });
  return id;
};
