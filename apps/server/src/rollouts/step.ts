import { explainPlacement, type PlacementNode, planService } from '@portreeve/planning';
import { v7 as uuid } from 'uuid';
import { roomOnNetworks } from '../networks/addresses.store.ts';
import { placementRequest } from '../placement/request.ts';
import { loadPlacementNodes } from '../placement/snapshot.store.ts';
import type { Database } from '../platform/db/database.ts';
import type { RevisionCache, RevisionData } from '../stacks/revision-cache.ts';
import { loadVolumes } from '../volumes/volumes.store.ts';
import { withAddresses } from './address-room.ts';
import { commitSteps, isMoved } from './commit.store.ts';
import { loadServices } from './load.store.ts';
import { candidatesOf, networkIds, type Prepared, prepare, type ServiceStep, volumePins } from './prepare.ts';
import { type ServiceRows, snapshotOf } from './seen.ts';

export type StepOutcome = {
  /** Services that moved while they were planned: to be looked at again at once. */
  again: string[];
  /** When to look again though nothing happens. */
  wakeAt: ReadonlyMap<string, number>;
  /** How many services had something to do. */
  acted: number;
};

type LoadedRows = Omit<ServiceRows, 'globalNodeIds' | 'backNodeIds'>;

const TRIES = 5;
const NOTHING: Prepared = {
  candidates: [],
  placed: { decisions: new Map(), bindings: new Map() },
  copies: [],
};

/** A node that is cordoned, or cannot be joined with others any more, keeps the global task it has; it gets none. */
const staysThough = (
  row: { failed: { filter: string }[] },
  node: PlacementNode | undefined,
  hasTask: boolean,
) =>
  hasTask &&
  row.failed.every(
    ({ filter }) => filter === 'networks' || (filter === 'ready' && node?.availability === 'cordoned'),
  );

const globalNodes = (
  { service, tasks }: LoadedRows,
  revision: RevisionData | undefined,
  nodes: PlacementNode[],
): string[] => {
  if (!revision) return [];
  const request = placementRequest({
    taskId: '',
    service,
    slot: 0,
    // What its own task holds on the node must not count against it.
    spec: { ...revision.spec, ports: [], reservations: {}, maxPerNode: undefined },
    pin: revision.pin,
    volumes: [],
    avoidNodeIds: [],
    freed: [],
    manyNodes: nodes.length > 1,
  });
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const holding = new Set(tasks.filter(({ endedAt }) => endedAt === null).map(({ nodeId }) => nodeId));
  return explainPlacement(request, nodes)
    .filter(
      (row) => row.failed.length === 0 || staysThough(row, byId.get(row.nodeId), holding.has(row.nodeId)),
    )
    .map(({ nodeId }) => nodeId);
};

const mayBeGlobal = ({ service, rollout, revisions }: LoadedRows): boolean =>
  service.mode === 'global' || revisions.get(rollout?.fromRevisionId ?? '')?.spec.mode === 'global';

/** Nodes of a global service, by the revision it goes to and by the one it would go back to. */
const withNodes = (rows: LoadedRows, nodes: PlacementNode[]): ServiceRows => {
  if (!mayBeGlobal(rows)) return { ...rows, globalNodeIds: [] };
  const { service, rollout, revisions } = rows;
  const nodesOf = (id: string | null | undefined) => globalNodes(rows, revisions.get(id ?? ''), nodes);
  const globalNodeIds = nodesOf(rollout?.toRevisionId ?? service.currentRevisionId);
  return rollout?.fromRevisionId
    ? { ...rows, globalNodeIds, backNodeIds: nodesOf(rollout.fromRevisionId) }
    : { ...rows, globalNodeIds };
};

const imageKeys = (rows: readonly LoadedRows[]): string[] =>
  rows.flatMap(({ revisions }) =>
    [...revisions.values()].map(({ pin }) => (pin.kind === 'digest' ? pin.digest : pin.imageId)),
  );

/** Loads, plans and commits a batch of services once. Throws when a node moved under the placement. */
const stepOnce = async (
  database: Database,
  revisionsOf: RevisionCache,
  ids: readonly string[],
  now: Date,
  couldHearSince: number | undefined,
): Promise<StepOutcome> => {
  const db = database.prisma;
  const loaded = await loadServices(db, ids, revisionsOf);
  if (loaded.length === 0) return { again: [], wakeAt: new Map(), acted: 0 };
  let nodes = loaded.some(mayBeGlobal)
    ? await loadPlacementNodes(db, [...new Set(imageKeys(loaded))])
    : undefined;
  const steps = loaded.map((rows): ServiceStep => {
    const complete = withNodes(rows, nodes ?? []);
    return { rows: complete, plan: planService(snapshotOf(complete, couldHearSince), now.getTime()) };
  });
  const candidates = steps.flatMap((step) => candidatesOf(step, uuid));
  let prepared = NOTHING;
  if (candidates.length > 0) {
    nodes ??= await loadPlacementNodes(db, [...new Set(imageKeys(loaded))]);
    const volumeIds = candidates.flatMap(({ revision }) =>
      volumePins(revision).map(({ objectId }) => objectId),
    );
    const volumes = volumeIds.length > 0 ? await loadVolumes(db, [...new Set(volumeIds)]) : [];
    const rooms = await roomOnNetworks(db, [...new Set(candidates.flatMap((c) => networkIds(c.revision)))]);
    prepared = withAddresses(prepare(candidates, nodes, volumes, uuid), rooms);
  }
  const done = await commitSteps(database, steps, prepared, now);
  return {
    again: steps.map(({ rows }) => rows.service.id).filter((id) => !done.has(id)),
    wakeAt: new Map(
      steps.flatMap(({ rows, plan }) => (plan.wakeAt ? [[rows.service.id, plan.wakeAt] as const] : [])),
    ),
    acted: steps.filter(({ plan }) => plan.create.length + plan.stop.length + plan.release.length > 0).length,
  };
};

/**
 * The step of the rollouts' loop for these services. Safe to be run by two servers at once and to be cut off
 * anywhere: each write is conditional on the versions it was planned from. Without `couldHearSince` no host is taken for
 * one that could have said more.
 */
export const stepServices = async (
  database: Database,
  revisionsOf: RevisionCache,
  ids: readonly string[],
  now: Date,
  couldHearSince?: number,
): Promise<StepOutcome> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await stepOnce(database, revisionsOf, ids, now, couldHearSince);
    } catch (error) {
      if (!isMoved(error) || attempt === TRIES) throw error;
    }
  }
};
