import type { HostContainer } from '@portreeve/agent-protocol';
import { DomainError, isWithin } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import type { z } from 'zod';
import { raiseGenerations } from '../agents/generation.store.ts';
import { loadPlacementNodes } from '../placement/snapshot.store.ts';
import type { Tx } from '../platform/db/database.ts';
import type { RequestContext } from '../platform/http/context.ts';
import { getProject } from '../projects/projects.store.ts';
import { loadServices } from '../rollouts/load.store.ts';
import { type Candidate, prepare, type ServiceStep, volumePins } from '../rollouts/prepare.ts';
import { storeTasks } from '../rollouts/tasks.store.ts';
import { loadVolumes } from '../volumes/volumes.store.ts';
import { applyStack } from './apply.store.ts';
import type { ApplicationValue } from './compile.ts';
import { requireApplication } from './compile.ts';
import { type DeployDeps, prepareDeploy, refuse } from './deploy.service.ts';
import { createRevisionCache } from './revision-cache.ts';
import { adoptVolume, findNode, markAdopted, setReplicas } from './take-over.store.ts';

type Container = z.output<typeof HostContainer>;
export type TakeOver = {
  nodeId: string;
  project: string;
  composeProject: string;
  stackName: string;
  sent: ApplicationValue;
};

const NO_PLAN: ServiceStep['plan'] = {
  create: [],
  release: [],
  stop: [],
  lose: [],
  events: [],
  waitingOn: [],
  next: '',
};

const foreignContainers = async (deps: DeployDeps, request: TakeOver): Promise<Container[]> => {
  const all = await deps.askAgent(request.nodeId, { kind: 'containers' });
  const found = all.filter(({ compose, taskId }) => !taskId && compose?.project === request.composeProject);
  if (found.length > 0) return found.toSorted((a, b) => (a.compose?.number ?? 0) - (b.compose?.number ?? 0));
  throw new DomainError('not-found', `There is no Compose project ${request.composeProject} on this node.`);
};

/** The volumes that the containers have now become those of the stack, under the names their engine knows. */
const adoptVolumes = async (
  tx: Tx,
  nodeId: string,
  step: ServiceStep,
  containers: readonly Container[],
): Promise<void> => {
  const revision = step.rows.revisions.get(step.rows.service.currentRevisionId ?? '');
  for (const { source, objectId } of revision ? volumePins(revision) : []) {
    const target = revision?.spec.mounts.find((m) => m.kind === 'volume' && m.source === source)?.target;
    const present = containers.flatMap(({ volumes }) => volumes).find((volume) => volume.target === target);
    if (present) await adoptVolume(tx, objectId, present.name, nodeId);
  }
};

const candidatesFor = (step: ServiceStep, nodeId: string, containers: readonly Container[]): Candidate[] => {
  const { service, revisions } = step.rows;
  const revision = revisions.get(service.currentRevisionId ?? '');
  if (!revision) return [];
  return containers.map(({ id }, index) => ({
    id: uuid(),
    step,
    revision,
    wish: {
      slot: index + 1,
      revisionId: revision.id,
      hold: false,
      reason: '',
      onlyNodeId: nodeId,
      avoidNodeIds: [],
    },
    waiting: false,
    volumes: [],
    replacesContainer: id,
  }));
};

/** Makes the tasks that take the places of the containers, each on its own host. */
const storeAdopters = async (
  tx: Tx,
  nodeId: string,
  serviceIds: string[],
  containers: readonly Container[],
  now: Date,
) => {
  const ofService = (name: string) => containers.filter(({ compose }) => compose?.service === name);
  const loaded = await loadServices(tx, serviceIds, createRevisionCache());
  const steps = loaded.map(
    (rows): ServiceStep => ({ rows: { ...rows, globalNodeIds: [nodeId] }, plan: NO_PLAN }),
  );
  for (const step of steps) {
    const own = ofService(step.rows.service.name);
    await adoptVolumes(tx, nodeId, step, own);
    if (own.length > 0) await setReplicas(tx, step.rows.service.id, own.length);
  }
  const candidates = steps.flatMap((step) => candidatesFor(step, nodeId, ofService(step.rows.service.name)));
  const volumeIds = candidates.flatMap(({ revision }) =>
    volumePins(revision).map(({ objectId }) => objectId),
  );
  const volumes = volumeIds.length > 0 ? await loadVolumes(tx, [...new Set(volumeIds)]) : [];
  const prepared = prepare(candidates, await loadPlacementNodes(tx), volumes, uuid);
  for (const decision of prepared.placed.decisions.values())
    if (decision.kind === 'unplaceable')
      throw new DomainError('plan.refused', `The node cannot take these tasks: ${decision.sentence}.`);
  const stored = await storeTasks(tx, prepared, new Set(steps), now);
  if (!stored)
    throw new DomainError('conflict.version', 'The node changed meanwhile; nothing was taken over.');
  await raiseGenerations(tx, { nodeIds: stored.nodeIds, networkIds: stored.networkIds });
};

/**
 * Takes over a running Compose project as a stack: each task replaces one container on its own host and keeps its
 * volumes. The agent starts the new container only when the old one has stopped, and removes that when it is ready.
 */
export const takeOver = async (deps: DeployDeps, ctx: RequestContext, request: TakeOver): Promise<string> => {
  const { database, keys } = deps;
  const project = await getProject(database.prisma, request.project);
  ctx.authorize('service.deploy', project.path);
  const node = await findNode(database.prisma, request.nodeId);
  if (!node || !isWithin(project.path, node.project.path))
    throw new DomainError('not-found', `There is no such node that takes tasks of ${project.path}.`);
  // It stops containers and takes volumes that are nobody's of ours: for whoever answers for the host.
  ctx.authorize('node.edit', node.project.path);
  const containers = await foreignContainers(deps, request);
  const name = request.stackName;
  const prepared = await prepareDeploy(deps, ctx, project, name, request.sent);
  if (prepared.stack) throw new DomainError('conflict.name', `${project.path} has a stack ${name} already.`);
  const application = requireApplication(prepared.read);
  const { compiled, sent } = prepared;
  if (!compiled) throw new DomainError('internal', 'The application was not compiled.');
  refuse(compiled.refusals);
  const now = new Date();
  return database.transaction(async (tx) => {
    const applied = await applyStack(
      tx,
      { ctx, keys, project, name, stack: null, sent, application, compiled },
      now,
    );
    const serviceIds = applied.services.map(({ id }) => id);
    await markAdopted(tx, serviceIds);
    await storeAdopters(tx, node.id, serviceIds, containers, now);
    return applied.stackId;
  });
};
