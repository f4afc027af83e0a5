import type { RolloutSummary } from '@portreeve/contract';
import { DomainError, type Permission, type RolloutCause } from '@portreeve/domain';
import { admitSpec } from '../admission/admit-spec.ts';
import { engineImages } from '../admission/engine-images.ts';
import { requireReadable, resolveImage } from '../admission/resolve-image.ts';
import type { Tx } from '../platform/db/database.ts';
import type { RequestContext } from '../platform/http/context.ts';
import { registryAccess } from '../registry/registries.store.ts';
import { addRevision, beginRollout, changeService, type ServiceChange } from './change.store.ts';
import type { DeployDeps } from './deploy.service.ts';
import { forecastFor } from './forecast.ts';
import { restartDependents } from './restart-dependents.ts';
import {
  type FullRevision,
  getRevision,
  getRevisionNumber,
  getService,
  isMixed,
  type ServiceTarget,
  targetId,
  undoTarget,
} from './service-target.store.ts';
import { serviceSummaries } from './service-view.ts';

type Started = { rollout: RolloutSummary | null };

/** Finds a service, asks for the permission in its project, and says what it is. */
const open = async (
  deps: DeployDeps,
  ctx: RequestContext,
  id: string,
  permission: Permission,
): Promise<ServiceTarget> => {
  const service = await getService(deps.database.prisma, id);
  ctx.authorize(permission, service.project.path);
  if (service.desired === 'removed')
    throw new DomainError('conflict.state', `The service ${service.name} is being removed.`);
  return service;
};

/** Whatever comes to run is judged anew: its spec, and whether the project may read the image. */
const admit = async (
  deps: DeployDeps,
  ctx: RequestContext,
  service: ServiceTarget,
  revision: FullRevision,
): Promise<void> => {
  await admitSpec(deps.database.prisma, ctx, service, revision);
  const accessTo = await registryAccess(deps.database.prisma, deps.keys, service.project.path);
  await requireReadable(revision.pin, accessTo);
};

/** What was admitted must still be what the service is on, now that its row is locked: it is that which gets more tasks. */
const requireStillOn = async (tx: Tx, id: string, admitted: FullRevision): Promise<void> => {
  const fresh = await getService(tx, id);
  if (targetId(fresh) === admitted.id) return;
  throw new DomainError(
    'conflict.version',
    `${fresh.name} got another revision meanwhile; nothing was done.`,
    {
      hint: 'Look at it again, and repeat what is still wanted.',
    },
  );
};

const summary = async (deps: DeployDeps, id: string) => {
  const [found] = await serviceSummaries(deps.database.prisma, { ids: [id] });
  if (!found) throw new DomainError('not-found', 'There is no such service.');
  return found;
};
const started = async (deps: DeployDeps, id: string): Promise<Started> => ({
  rollout: (await summary(deps, id)).rollout,
});

export const scaleService = async (deps: DeployDeps, ctx: RequestContext, id: string, replicas: number) => {
  const service = await open(deps, ctx, id, 'service.scale');
  if (service.mode === 'global')
    throw new DomainError('conflict.state', `${service.name} runs once on every node and cannot be scaled.`, {
      hint: 'Set deploy.mode: replicated in its file to choose a number.',
    });
  const revision = await getRevision(deps.database.prisma, deps.keys, targetId(service));
  // The registry is not asked: more of what runs already must not wait for one that is away or broken.
  if (replicas > service.replicas) await admitSpec(deps.database.prisma, ctx, service, revision);
  const change: ServiceChange = {
    ...{ ctx, service, action: 'service.scale', detail: { from: service.replicas, to: replicas } },
    text: `scaled ${service.name} from ${service.replicas} to ${replicas}`,
  };
  await deps.database.transaction(async (tx) => {
    await changeService(tx, change, { replicas }, new Date());
    await requireStillOn(tx, id, revision);
  });
  return summary(deps, id);
};

export const stopService = async (deps: DeployDeps, ctx: RequestContext, id: string) => {
  const service = await open(deps, ctx, id, 'service.stop');
  const change: ServiceChange = { ctx, service, action: 'service.stop', text: `stopped ${service.name}` };
  await deps.database.transaction((tx) => changeService(tx, change, { desired: 'stopped' }, new Date()));
  return summary(deps, id);
};

export const startService = async (deps: DeployDeps, ctx: RequestContext, id: string) => {
  const service = await open(deps, ctx, id, 'service.stop');
  const revision = await getRevision(deps.database.prisma, deps.keys, targetId(service));
  await admit(deps, ctx, service, revision);
  const change: ServiceChange = { ctx, service, action: 'service.start', text: `started ${service.name}` };
  await deps.database.transaction(async (tx) => {
    await changeService(tx, change, { desired: 'running' }, new Date());
    await requireStillOn(tx, id, revision);
  });
  return summary(deps, id);
};

/** As a plan would refuse it: new tasks beside the old ones need hosts whose ports are free. */
const requireFreePorts = async (
  deps: DeployDeps,
  service: ServiceTarget,
  revision: FullRevision,
): Promise<void> => {
  // What a rollout under way holds it gives up as it turns: that one may always be left.
  if (revision.spec.ports.length === 0 || service.rollout) return;
  const action = {
    ...{ name: service.name, action: 'replace' as const, present: service, compiled: revision },
    replicas: { from: service.replicas, to: service.replicas },
  };
  const { refusals } = await forecastFor(deps.database.prisma, service.project, [action]);
  const [refusal] = refusals;
  if (refusal) throw new DomainError('plan.refused', refusal.message, { hint: refusal.hint });
};

/** Rolls to a revision there is, or to a new one made from it. */
const rollTo = async (
  deps: DeployDeps,
  change: ServiceChange,
  to: {
    revision: FullRevision;
    cause: RolloutCause;
    isNew?: boolean;
    restart?: boolean;
    /** What the service must still be on, where the roll is made from that. */
    from?: FullRevision;
  },
): Promise<Started> => {
  const { service, ctx } = change;
  await requireFreePorts(deps, service, to.revision);
  const now = new Date();
  await deps.database.transaction(async (tx) => {
    await changeService(tx, change, { desired: 'running', mode: to.revision.spec.mode }, now);
    if (to.from) await requireStillOn(tx, service.id, to.from);
    // The row is locked now: a rollout that ended a moment ago is seen as ended.
    const fresh = await getService(tx, service.id);
    const revisionId = to.isNew
      ? await addRevision(tx, deps.keys, fresh, to.revision, ctx.subject.name)
      : to.revision.id;
    await beginRollout(
      tx,
      { ...change, service: fresh },
      { revisionId, cause: to.cause, restart: to.restart },
      now,
    );
    await restartDependents(tx, deps.keys, { ctx, service: fresh }, now);
  });
  return started(deps, service.id);
};

/** To the revision named, or back to the one before: an undo. */
export const rollService = async (
  deps: DeployDeps,
  ctx: RequestContext,
  id: string,
  number: number | undefined,
): Promise<Started> => {
  const db = deps.database.prisma;
  const service = await open(deps, ctx, id, 'service.deploy');
  const undo = number === undefined ? await undoTarget(db, service) : undefined;
  if (number === undefined && !undo)
    throw new DomainError('conflict.state', `There is no earlier revision of ${service.name} to go back to.`);
  const revision = undo
    ? await getRevision(db, deps.keys, undo)
    : await getRevisionNumber(db, deps.keys, id, number ?? 0);
  const isThere = revision.id === targetId(service) && service.desired === 'running';
  if (isThere && (service.rollout || !(await isMixed(db, id, revision.id)))) {
    ctx.nothingToChange();
    return { rollout: null };
  }
  await admit(deps, ctx, service, revision);
  const current = service.currentRevisionId
    ? await getRevision(db, deps.keys, service.currentRevisionId)
    : undefined;
  const isUndo = revision.number < (current?.number ?? 0) || undo !== undefined;
  const change: ServiceChange = {
    ...{
      ctx,
      service,
      action: isUndo ? 'service.undo' : 'service.roll',
      detail: { revision: revision.number },
    },
    text: `rolled ${service.name} ${isUndo ? 'back ' : ''}to revision ${revision.number}`,
  };
  return rollTo(deps, change, { revision, cause: isUndo ? 'undo' : 'apply' });
};

export const restartService = async (deps: DeployDeps, ctx: RequestContext, id: string): Promise<Started> => {
  const service = await open(deps, ctx, id, 'service.stop');
  const revision = await getRevision(deps.database.prisma, deps.keys, targetId(service));
  await admit(deps, ctx, service, revision);
  const change: ServiceChange = {
    ctx,
    service,
    action: 'service.restart',
    text: `restarted ${service.name}`,
  };
  return rollTo(deps, change, { revision, cause: 'restart', restart: true, from: revision });
};

/** The image of `revision` under the name `image` as it is now; undefined when it is the same bytes. */
const freshPin = async (deps: DeployDeps, service: ServiceTarget, revision: FullRevision, image: string) => {
  const { database, keys, askAgent } = deps;
  const pin = await resolveImage(image, revision.spec.pullPolicy, {
    accessTo: await registryAccess(database.prisma, keys, service.project.path),
    findImage: engineImages(database.prisma, askAgent, service.project),
  });
  const bytes = (one: typeof pin) => (one.kind === 'digest' ? one.digest : one.imageId);
  return bytes(pin) === bytes(revision.pin) ? undefined : pin;
};

/** Rolls to what `image` means now, where that is other bytes than what runs. */
const rollToImage = async (
  deps: DeployDeps,
  change: ServiceChange,
  image: string,
  cause: RolloutCause,
): Promise<Started> => {
  const { service, ctx } = change;
  const revision = await getRevision(deps.database.prisma, deps.keys, targetId(service));
  const spec = { ...revision.spec, image };
  await admitSpec(deps.database.prisma, ctx, service, { ...revision, spec });
  const pin = await freshPin(deps, service, revision, image);
  if (!pin && image === revision.spec.image) {
    ctx.nothingToChange();
    return { rollout: null };
  }
  return rollTo(deps, change, {
    revision: { ...revision, spec, pin: pin ?? revision.pin },
    cause,
    isNew: true,
    from: revision,
  });
};

export const repullService = async (deps: DeployDeps, ctx: RequestContext, id: string): Promise<Started> => {
  const service = await open(deps, ctx, id, 'service.deploy');
  const { spec } = await getRevision(deps.database.prisma, deps.keys, targetId(service));
  const change: ServiceChange = {
    ...{ ctx, service, action: 'service.repull', detail: { image: spec.image } },
    text: `pulled ${spec.image} anew for ${service.name}`,
  };
  return rollToImage(deps, change, spec.image, 'repull');
};

/** `registry/name:old` or `registry/name@sha256:…` with another tag. */
const withTag = (image: string, tag: string): string => {
  const name = image.split('@')[0] ?? image;
  const colon = name.lastIndexOf(':');
  return `${colon > name.lastIndexOf('/') ? name.slice(0, colon) : name}:${tag}`;
};

/** What a webhook may do and nothing else: another tag of the present repository, through admission. */
export const rollToTag = async (
  deps: DeployDeps,
  ctx: RequestContext,
  service: ServiceTarget,
  tag: string,
): Promise<Started> => {
  const { name, desired, stack } = service;
  if (desired !== 'running')
    throw new DomainError('conflict.state', `${name} is ${desired}: a webhook does not start it.`);
  if (stack.state !== 'active')
    throw new DomainError('conflict.state', `The stack ${stack.name} is ${stack.state}: nothing is moved.`);
  const { spec, pin } = await getRevision(deps.database.prisma, deps.keys, targetId(service));
  if (pin.kind === 'local')
    throw new DomainError('conflict.state', `${service.name} runs an image that is in no registry.`);
  const image = withTag(spec.image, tag);
  const change: ServiceChange = {
    ...{ ctx, service, action: 'service.webhook', detail: { image } },
    text: `moved ${service.name} to ${image}`,
  };
  return rollToImage(deps, change, image, 'webhook');
};
