import { DomainError, isWithin } from '@portreeve/domain';
import type { PlacementNode } from '@portreeve/planning';
import { v7 as uuid } from 'uuid';
import { admitSpec } from '../admission/admit-spec.ts';
import { raiseGenerations } from '../agents/generation.store.ts';
import { loadPlacementNodes } from '../placement/snapshot.store.ts';
import type { Tx } from '../platform/db/database.ts';
import type { RequestContext } from '../platform/http/context.ts';
import { getProject, type ProjectRow } from '../projects/projects.store.ts';
import { loadServices } from '../rollouts/load.store.ts';
import { type Candidate, prepare, type ServiceStep, volumePins } from '../rollouts/prepare.ts';
import { storeTasks } from '../rollouts/tasks.store.ts';
import { loadVolumes } from '../volumes/volumes.store.ts';
import { applyStack } from './apply.store.ts';
import type { ApplicationValue } from './compile.ts';
import { requireApplication } from './compile.ts';
import { type DeployDeps, prepareDeploy, refuse } from './deploy.service.ts';
import { createRevisionCache } from './revision-cache.ts';
import {
  adoptVolume,
  findNode,
  isBeingReplaced,
  markAdopted,
  setReplicas,
  volumesOfStacks,
} from './take-over.store.ts';
import { adoptionsOf, type Container, oneVolumeEach, requireAdoptable } from './take-over-volumes.ts';

export type TakeOver = {
  nodeId: string;
  project: string;
  composeProject: string;
  stackName: string;
  sent: ApplicationValue;
};

const NO_PLAN: ServiceStep['plan'] = {
  order: 'stop-first',
  create: [],
  release: [],
  stop: [],
  lose: [],
  events: [],
  waitingOn: [],
  next: '',
};

type Found = { containers: Container[]; usedByOthers: ReadonlySet<string> };

const foreignContainers = async (deps: DeployDeps, request: TakeOver): Promise<Found> => {
  const all = await deps.askAgent(request.nodeId, { kind: 'containers' });
  const isWanted = ({ compose, taskId }: Container) => !taskId && compose?.project === request.composeProject;
  const found = all.filter(isWanted);
  if (found.length === 0)
    throw new DomainError('not-found', `There is no Compose project ${request.composeProject} on this node.`);
  const others = all.filter((one) => !isWanted(one));
  return {
    containers: found.toSorted((a, b) => (a.compose?.number ?? 0) - (b.compose?.number ?? 0)),
    usedByOthers: new Set(others.flatMap(({ volumes }) => volumes.map(({ name }) => name))),
  };
};

type Adopting = {
  ctx: RequestContext;
  request: TakeOver;
  project: ProjectRow;
  stackId: string;
  steps: readonly ServiceStep[];
  found: Found;
};

const revisionOf = ({ rows }: ServiceStep) => rows.revisions.get(rows.service.currentRevisionId ?? '');
const containersOf = ({ rows }: ServiceStep, { containers }: Found): Container[] =>
  containers.filter(({ compose }) => compose?.service === rows.service.name);

/** The volumes that the containers have now become those of the stack, under the names their engine knows. */
const adoptVolumes = async (tx: Tx, { ctx, request, project, stackId, steps, found }: Adopting) => {
  const { nodeId, composeProject } = request;
  const adoptions = oneVolumeEach(
    steps.flatMap((step) => {
      const revision = revisionOf(step);
      return revision ? adoptionsOf(revision, containersOf(step, found)) : [];
    }),
  );
  const names = adoptions.map(({ volume }) => volume.name);
  const byStacks = await volumesOfStacks(tx, nodeId, names);
  for (const adoption of adoptions) {
    requireAdoptable(adoption, { composeProject, byContainers: found.usedByOthers, byStacks });
    if (!(await adoptVolume(tx, { id: adoption.objectId, stackId, nodeId }, adoption.volume)))
      throw new DomainError(
        'plan.refused',
        `The file takes ${adoption.source} from another stack, so that the volume ${adoption.volume.name} would be lost.`,
        { hint: `Leave out external of ${adoption.source}: the volume becomes this stack's own.` },
      );
  }
  // What a volume really is, is known only now: one that is a folder of the host needs the right to mount it.
  for (const step of steps) {
    const revision = revisionOf(step);
    if (revision) await admitSpec(tx, ctx, { project, name: step.rows.service.name }, revision);
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

/** Ports that these containers publish are given up to what takes their places. */
const withoutPortsOf = (node: PlacementNode, { containers }: Found): PlacementNode => {
  const given = new Set(
    containers.flatMap(({ ports }) =>
      ports.flatMap((text) => {
        const [, port, protocol] = /:(\d+)->\d+\/(tcp|udp)$/.exec(text) ?? [];
        return port ? [`${port}/${protocol}`] : [];
      }),
    ),
  );
  return {
    ...node,
    foreignPorts: node.foreignPorts.filter(({ port, protocol }) => !given.has(`${port}/${protocol}`)),
  };
};

/** Makes the tasks that take the places of the containers, each on its own host. */
const storeAdopters = async (
  tx: Tx,
  serviceIds: string[],
  adopting: Omit<Adopting, 'steps'>,
  now: Date,
): Promise<void> => {
  const { found, request } = adopting;
  const { nodeId } = request;
  const loaded = await loadServices(tx, serviceIds, createRevisionCache());
  const steps = loaded.map(
    (rows): ServiceStep => ({ rows: { ...rows, globalNodeIds: [nodeId] }, plan: NO_PLAN }),
  );
  await adoptVolumes(tx, { ...adopting, steps });
  for (const step of steps) {
    const own = containersOf(step, found);
    if (own.length > 0) await setReplicas(tx, step.rows.service.id, own.length);
  }
  const candidates = steps.flatMap((step) => candidatesFor(step, nodeId, containersOf(step, found)));
  const volumeIds = candidates.flatMap(({ revision }) =>
    volumePins(revision).map(({ objectId }) => objectId),
  );
  const volumes = volumeIds.length > 0 ? await loadVolumes(tx, [...new Set(volumeIds)]) : [];
  const nodes = await loadPlacementNodes(tx);
  const giving = nodes.map((node) => (node.id === nodeId ? withoutPortsOf(node, found) : node));
  const prepared = prepare(candidates, giving, volumes, uuid);
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
  const found = await foreignContainers(deps, request);
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
    if (
      await isBeingReplaced(
        tx,
        found.containers.map(({ id }) => id),
      )
    )
      throw new DomainError('conflict.state', `Another stack takes over ${request.composeProject} already.`);
    await storeAdopters(tx, serviceIds, { ctx, request, project, stackId: applied.stackId, found }, now);
    return applied.stackId;
  });
};
