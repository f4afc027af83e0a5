import { createHash } from 'node:crypto';
import type { ComposeApplication } from '@portreeve/compose';
import { DomainError, type ServiceSpec } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { recordEvents } from '../activity/events.store.ts';
import { raiseGenerations } from '../agents/generation.store.ts';
import { SEALED } from '../agents/sealed.ts';
import { recordAudit } from '../audit/audit.store.ts';
import { publishChange } from '../live/changes.ts';
import { createNetworks } from '../networks/networks.store.ts';
import type { Tx } from '../platform/db/database.ts';
import type { Prisma } from '../platform/db/generated/client.ts';
import type { RequestContext } from '../platform/http/context.ts';
import type { ClusterKeys } from '../platform/keys/cluster-key.ts';
import type { ProjectRow } from '../projects/projects.store.ts';
import { createVolumes } from '../volumes/volumes.store.ts';
import type { Compiled, CompiledService, Sent } from './compile.ts';
import { valuesContext } from './file-cache.ts';
import { canonical } from './spec-changes.ts';
import { type PlannedAction, planActions } from './stack-plan.ts';
import { loadPresent, type PresentStack, type StackRow } from './state.store.ts';
import { sealFiles, secretPaths } from './version-files.ts';

export type AppliedService = { id: string; name: string; action: string; rolloutId: string | null };
export type AppliedStack = { stackId: string; stackVersion: number; services: AppliedService[] };
export type ApplyInput = {
  ctx: RequestContext;
  keys: ClusterKeys;
  project: ProjectRow;
  name: string;
  /** As it was when the file was compiled; null for a new one. */
  stack: StackRow | null;
  sent: Sent;
  application: ComposeApplication;
  compiled: Compiled;
};

const moved = (name: string): DomainError =>
  new DomainError('conflict.version', `The stack ${name} was changed by someone else meanwhile.`, {
    hint: 'Plan again, and see what changed.',
  });

/** Makes the stack, or raises the version of the one that was seen. */
const claimStack = async (tx: Tx, { project, name, stack }: ApplyInput, now: Date): Promise<StackRow> => {
  if (!stack) {
    const row = { id: uuid(), projectId: project.id, name, version: 1, stackVersion: 1 };
    const made = await tx.stack.createMany({ data: [row], skipDuplicates: true });
    if (made.count === 0) throw moved(name);
    return { ...row, state: 'active' };
  }
  const { count } = await tx.stack.updateMany({
    where: { id: stack.id, version: stack.version, state: 'active', removedAt: null },
    data: { version: { increment: 1 }, stackVersion: { increment: 1 }, updatedAt: now },
  });
  if (count === 0) throw moved(name);
  return { ...stack, version: stack.version + 1, stackVersion: stack.stackVersion + 1 };
};

const storeVersion = async (
  tx: Tx,
  { ctx, keys, sent, application }: ApplyInput,
  stack: StackRow,
): Promise<void> => {
  const id = uuid();
  // What was kept unseen stays so, even where nothing uses it any more.
  const secret = [...new Set([...secretPaths(application, sent.entry), ...sent.secretFiles])];
  await tx.stackVersion.create({
    data: {
      id,
      stackId: stack.id,
      number: stack.stackVersion,
      entry: sent.entry,
      files: {},
      sealedFiles: sealFiles(keys, id, { files: sent.files, secret }),
      sealedValues: keys.seal(JSON.stringify(sent.values), valuesContext(id)),
      profiles: sent.profiles,
      appliedBy: ctx.subject.name,
    },
  });
};

const storeFiles = async (tx: Tx, input: ApplyInput, stack: StackRow): Promise<void> => {
  const { objects } = input.compiled;
  for (const { kind, source, objectId, version, make } of objects.bound) {
    if ((kind !== 'config' && kind !== 'secret') || make === undefined) continue;
    const owner = { id: objectId, kind, projectId: input.project.id, stackId: stack.id, name: source };
    if (make === 'new') await tx.storedFile.create({ data: owner });
    else await tx.storedFile.update({ where: { id: objectId }, data: { version } });
    const content = objects.contents.get(objectId) ?? '';
    await tx.storedFileVersion.create({
      data: {
        id: uuid(),
        fileId: objectId,
        version,
        sealed: input.keys.seal(content, SEALED.file(objectId, version)),
        size: Buffer.from(content, 'base64').length,
        createdBy: input.ctx.subject.name,
      },
    });
  }
};

/** Makes the objects that the file names and the stack does not have yet. */
const storeObjects = async (tx: Tx, input: ApplyInput, stack: StackRow): Promise<void> => {
  const fresh = (kind: 'network' | 'volume', name: string) =>
    input.compiled.objects.bound.find(
      (object) => object.kind === kind && object.source === name && object.make === 'new',
    )?.objectId;
  const networks = input.application.networks.flatMap(({ name, internal, subnet }) => {
    const id = fresh('network', name);
    return id ? [{ id, name, internal, subnet }] : [];
  });
  const volumes = input.application.volumes.flatMap(({ name, driver, driverOpts }) => {
    const id = fresh('volume', name);
    return id ? [{ id, name, driver: driver ?? 'local', driverOptions: driverOpts }] : [];
  });
  await createNetworks(tx, stack, networks);
  await createVolumes(tx, stack, volumes);
  await storeFiles(tx, input, stack);
};

export type NewRevision = {
  serviceId: string;
  number: number;
  spec: ServiceSpec;
  pin: NonNullable<CompiledService['pin']>;
  filePins: CompiledService['filePins'];
  stackVersion: number;
  createdBy: string;
};

/** A revision's row; its environment is sealed apart. */
export const revisionRow = (keys: ClusterKeys, revision: NewRevision) => {
  const id = uuid();
  const { environment, ...rest } = revision.spec;
  const spec = { ...rest, environment: {} };
  return {
    ...revision,
    id,
    spec: spec as Prisma.InputJsonObject,
    sealedEnvironment: keys.seal(JSON.stringify(environment), SEALED.environment(id)),
    specHash: createHash('sha256').update(canonical(spec)).digest('hex'),
  };
};

type Rows = {
  services: Prisma.ServiceCreateManyInput[];
  revisions: Prisma.RevisionCreateManyInput[];
  rollouts: Prisma.RolloutCreateManyInput[];
  applied: AppliedService[];
  superseded: string[];
  /** Services whose tasks stay and get a revision that differs in rules only. */
  updated: { serviceId: string; from: string; to: string }[];
};

const newRollout = (
  input: ApplyInput,
  { present }: PlannedAction,
  revision: { id: string; serviceId: string },
  now: Date,
) => ({
  id: uuid(),
  serviceId: revision.serviceId,
  number: (present?.lastRollout ?? 0) + 1,
  fromRevisionId: present?.currentRevisionId ?? null,
  toRevisionId: revision.id,
  cause: 'apply',
  causedBy: input.ctx.subject.name,
  startedAt: now,
});

/** The rows that a service which changes needs: a revision in any case, a rollout where tasks are replaced. */
const changeRows = (
  input: ApplyInput,
  stack: StackRow,
  action: PlannedAction,
  rows: Rows,
  now: Date,
): void => {
  const { compiled, present, name } = action;
  if (!compiled?.pin) return;
  const by = input.ctx.subject.name;
  const { spec, pin, filePins } = compiled;
  const revision = revisionRow(input.keys, {
    ...{ serviceId: present?.id ?? uuid(), number: (present?.lastRevision ?? 0) + 1, spec, pin, filePins },
    ...{ stackVersion: stack.stackVersion, createdBy: by },
  });
  const { serviceId: id } = revision;
  rows.revisions.push(revision);
  const rollout = action.action === 'update' ? undefined : newRollout(input, action, revision, now);
  if (rollout) rows.rollouts.push(rollout);
  else if (present?.currentRevisionId)
    rows.updated.push({ serviceId: id, from: present.currentRevisionId, to: revision.id });
  if (present?.rollout) rows.superseded.push(present.rollout.id);
  if (!present) {
    const changed = { changedAt: now, changedBy: by, currentRevisionId: revision.id };
    rows.services.push({
      id,
      stackId: stack.id,
      name,
      mode: spec.mode,
      replicas: action.replicas.to,
      ...changed,
    });
  }
  rows.applied.push({ id, name, action: action.action, rolloutId: rollout?.id ?? null });
};

/** Rules changed and nothing else: what runs gets the new revision and stays as it is. */
const moveToRevision = async (tx: Tx, updated: Rows['updated']): Promise<void> => {
  for (const { serviceId, from, to } of updated) {
    await tx.service.update({ where: { id: serviceId }, data: { currentRevisionId: to } });
    const moved = await tx.$queryRaw<{ nodeId: string | null }[]>`
      UPDATE "Task" SET "revisionId" = ${to}::uuid
      WHERE "serviceId" = ${serviceId}::uuid AND "revisionId" = ${from}::uuid
        AND state NOT IN ('complete', 'stopped', 'failed', 'rejected', 'lost') RETURNING "nodeId"`;
    await raiseGenerations(tx, { nodeIds: moved.flatMap(({ nodeId }) => nodeId ?? []) });
  }
};

/** Ends rollouts that a newer wish takes the place of; only then may the next begin. */
export const supersede = async (
  tx: Tx,
  rolloutIds: readonly string[],
  now: Date,
  reason: string,
): Promise<void> => {
  if (rolloutIds.length === 0) return;
  await tx.rollout.updateMany({
    where: { id: { in: [...rolloutIds] }, state: { in: ['running', 'paused', 'rolling back'] } },
    data: { state: 'superseded', endedAt: now, reason },
  });
};

const changeServices = async (tx: Tx, input: ApplyInput, actions: readonly PlannedAction[], now: Date) => {
  const changed = { changedAt: now, changedBy: input.ctx.subject.name, version: { increment: 1 } };
  for (const { action, present, compiled, replicas } of actions) {
    if (!present || action === 'untouched' || action === 'create') continue;
    const data =
      action === 'remove'
        ? { ...changed, desired: 'removed' }
        : {
            ...changed,
            desired: 'running',
            replicas: replicas.to,
            mode: compiled?.spec.mode ?? present.mode,
          };
    await tx.service.update({ where: { id: present.id }, data });
  }
};

const DONE: Record<string, string> = {
  create: 'created',
  replace: 'replaced',
  update: 'updated',
  scale: 'scaled',
  remove: 'removed',
};

const tell = async (tx: Tx, input: ApplyInput, stack: StackRow, applied: readonly AppliedService[]) => {
  const { ctx, project } = input;
  const changed = applied.filter(({ action }) => action !== 'untouched');
  const what = changed.map(({ name, action }) => `${name} ${DONE[action]}`).join(', ');
  await recordEvents(tx, [
    {
      kind: 'stack.apply',
      text: `${ctx.subject.name} applied version ${stack.stackVersion} of ${stack.name}${what ? `: ${what}` : ', which changed nothing'}`,
      projectId: project.id,
      stackId: stack.id,
      actorName: ctx.subject.name,
    },
  ]);
  await recordAudit(tx, ctx, {
    action: 'stack.apply',
    object: { kind: 'stack', id: stack.id, name: stack.name },
    projectPath: project.path,
    detail: {
      stackVersion: stack.stackVersion,
      services: changed.map(({ name, action }) => ({ name, action })),
    },
  });
  await publishChange(
    tx,
    { kind: 'stack', ids: [stack.id, project.id] },
    { kind: 'service', ids: [stack.id, ...changed.map(({ id }) => id)] },
    { kind: 'network', ids: [] },
    { kind: 'volume', ids: [] },
    { kind: 'file', ids: [] },
  );
};

/**
 * Stores what a file wishes, all of it or nothing: stack version, objects, services, revisions, rollouts, event and
 * audit entry. What is done with each service is decided here, under lock, from what is there now.
 */
export const applyStack = async (tx: Tx, input: ApplyInput, now: Date): Promise<AppliedStack> => {
  const stack = await claimStack(tx, input, now);
  const present: PresentStack | undefined = input.stack
    ? await loadPresent(tx, input.keys, stack, true)
    : undefined;
  const actions = planActions(input.compiled, present);
  await storeVersion(tx, input, stack);
  await storeObjects(tx, input, stack);
  const rows: Rows = { services: [], revisions: [], rollouts: [], applied: [], superseded: [], updated: [] };
  for (const action of actions) {
    if (['create', 'replace', 'update'].includes(action.action)) changeRows(input, stack, action, rows, now);
    else if (action.present)
      rows.applied.push({ id: action.present.id, name: action.name, action: action.action, rolloutId: null });
  }
  await supersede(tx, rows.superseded, now, `version ${stack.stackVersion} of the stack was applied`);
  await tx.service.createMany({ data: rows.services });
  await tx.revision.createMany({ data: rows.revisions });
  await tx.rollout.createMany({ data: rows.rollouts });
  await tx.rolloutEvent.createMany({
    data: rows.rollouts.map(({ id }) => {
      const text = `${input.ctx.subject.name} applied version ${stack.stackVersion} of the stack`;
      return { id: uuid(), rolloutId: id, at: now, kind: 'start', text };
    }),
  });
  await changeServices(tx, input, actions, now);
  await moveToRevision(tx, rows.updated);
  await tell(tx, input, stack, rows.applied);
  return { stackId: stack.id, stackVersion: stack.stackVersion, services: rows.applied };
};
