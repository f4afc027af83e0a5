import type { PlannedService } from '@portreeve/contract';
import { isFixedPort, type ServiceSpec } from '@portreeve/domain';
import { type Freed, type PlacementNode, type PlacementRequest, planPlacement } from '@portreeve/planning';
import type { z } from 'zod';
import type { RefusalValue } from '../admission/refusal.ts';
import { placeAll, type Wish } from '../placement/place.ts';
import { freedBy, placementRequest } from '../placement/request.ts';
import { loadPlacementNodes } from '../placement/snapshot.store.ts';
import type { Tx } from '../platform/db/database.ts';
import type { ProjectRow } from '../projects/projects.store.ts';
import { loadVolumes } from '../volumes/volumes.store.ts';
import type { CompiledService } from './compile.ts';
import { measuredStarts, type OwnTask, ownTasks } from './forecast.store.ts';
import type { PlannedAction } from './stack-plan.ts';

type Line = z.infer<typeof PlannedService>['forecast'][number];
export type Forecast = {
  lines: ReadonlyMap<string, Line[]>;
  refusals: RefusalValue[];
  /** How long each service that is there took from a new task to a ready one, on average lately. */
  startMs: ReadonlyMap<string, number>;
};

/** More slots than this are summed up by their first ones. */
const MOST_SLOTS = 100;
const NOTHING: Forecast = { lines: new Map(), refusals: [], startMs: new Map() };

/** What of a planned action placement needs to know. */
export type Placeable = Pick<PlannedAction, 'name' | 'action' | 'replicas'> & {
  present: { id: string } | undefined;
  compiled: Pick<CompiledService, 'spec' | 'pin' | 'filePins'> | undefined;
};

/** Slots that would get a new task: all of a created or replaced service, else the further ones. */
const slotsOf = ({ action, replicas, compiled }: Placeable, nodes: number): number[] => {
  if (!compiled || action === 'untouched' || action === 'remove') return [];
  const count = compiled.spec.mode === 'global' ? nodes : replicas.to;
  const stays = action === 'scale' || action === 'update';
  const from = stays ? Math.min(replicas.from, count) : 0;
  return Array.from({ length: Math.min(count - from, MOST_SLOTS) }, (_, index) => from + index + 1);
};

/**
 * How many slots are turned while all old tasks still hold what is theirs. None where the old one goes first, as it does
 * too where the new one must have a port of the very host of the old (the planning's `orderOf`).
 */
const slotsBesideOld = ({ spec }: { spec: ServiceSpec }): number => {
  const { order, parallelism } = spec.update;
  const bound =
    spec.mode === 'global' ||
    spec.mounts.some((mount) => mount.kind === 'volume' && mount.source !== undefined);
  const publishes = spec.ports.some(isFixedPort);
  if (order !== 'start-first' || (bound && publishes)) return 0;
  return parallelism === 0 ? Number.POSITIVE_INFINITY : parallelism;
};

/**
 * Old tasks of the service that are over when the slot at `index` of those to be turned gets its new one: those of the
 * slots turned before it, and of slots that are not wanted any more. Slots may have gaps, so they are told by their order.
 */
const freedBefore = (index: number, beside: number, wanted: number, own: readonly OwnTask[]): Freed[] => {
  const turned =
    beside === 0 ? index + 1 : beside === Number.POSITIVE_INFINITY ? 0 : index - (index % beside);
  const slots = [...new Set(own.map(({ slot }) => slot))].sort((x, y) => x - y);
  const staying = new Set(slots.slice(turned, wanted));
  return own.filter(({ slot }) => !staying.has(slot)).map(freedBy);
};

const wishesOf = (
  project: ProjectRow,
  action: Placeable,
  nodes: PlacementNode[],
  own: readonly OwnTask[],
  volumes: Awaited<ReturnType<typeof loadVolumes>>,
): Wish[] => {
  const { compiled } = action;
  if (!compiled) return [];
  const pins = compiled.filePins.filter(({ kind }) => kind === 'volume');
  const placeOf = (id: string) => volumes.find((volume) => volume.id === id)?.nodeId;
  const isGlobal = compiled.spec.mode === 'global';
  const mine = own.filter(({ serviceId }) => serviceId === action.present?.id);
  const slots = slotsOf(action, nodes.length);
  const beside = slotsBesideOld(compiled);
  const freedFor = (index: number): Freed[] => {
    if (action.action !== 'replace') return [];
    // Of a global service each is on a node of its own.
    return isGlobal && beside === 0
      ? mine.map(freedBy)
      : freedBefore(index, beside, action.replicas.to, mine);
  };
  return slots.map((slot, index) => ({
    unboundVolumes: isGlobal
      ? []
      : pins.filter(({ objectId }) => !placeOf(objectId)).map((p) => ({ id: p.objectId, name: p.source })),
    request: placementRequest({
      taskId: `${action.name} ${slot}`,
      service: { id: action.present?.id ?? action.name, name: action.name, projectPath: project.path },
      slot,
      spec: compiled.spec,
      pin: compiled.pin,
      volumes: isGlobal
        ? []
        : pins.flatMap(({ objectId, source }) => {
            const nodeId = placeOf(objectId);
            return nodeId ? [{ name: source, nodeId }] : [];
          }),
      onlyNodeId: isGlobal ? nodes[index]?.id : undefined,
      avoidNodeIds: [],
      freed: freedFor(index),
      manyNodes: nodes.length > 1,
    }),
  }));
};

const portRefusal = (action: Placeable, request: PlacementRequest): RefusalValue => {
  const ports = request.ports.map(({ from, to }) => (from === to ? `${from}` : `${from}–${to}`)).join(', ');
  const startFirst = action.action === 'replace' && action.compiled && slotsBesideOld(action.compiled) > 0;
  return {
    service: action.name,
    code: 'plan.refused',
    message: `${action.name} cannot have host port ${ports} on any node: it is taken on each that would fit.`,
    hint: startFirst
      ? 'With start-first old and new need a host each: add a node, publish a range, or use order: stop-first.'
      : 'Publish another port or a range, run fewer replicas, or stop the service that has it.',
  };
};

/** Said of a global service that would be on no node at all: there is nothing then that waits, and what runs ends. */
const nowhere = (action: Placeable, [wish]: readonly Wish[], nodes: PlacementNode[]): Line[] => {
  if (!wish || action.compiled?.spec.mode !== 'global') return [];
  const { onlyNodeId: _, maxPerNode: __, ...request } = wish.request;
  const [decision] = planPlacement([{ ...request, ports: [], reservations: {}, freed: [] }], nodes);
  if (decision?.kind !== 'unplaceable') return [];
  const ends = action.present ? '; its tasks that run are stopped' : '';
  return [{ slot: 1, node: null, sentence: `${decision.sentence}${ends}` }];
};

/** Where each new task would go now, by the very placement that is used later; it may differ then. */
export const forecastFor = async (
  db: Tx,
  project: ProjectRow,
  actions: readonly Placeable[],
): Promise<Forecast> => {
  if (!actions.some((action) => slotsOf(action, 1).length > 0)) return NOTHING;
  const nodes = await loadPlacementNodes(db);
  const volumeIds = actions.flatMap(({ compiled }) =>
    (compiled?.filePins ?? []).filter(({ kind }) => kind === 'volume').map(({ objectId }) => objectId),
  );
  const volumes = volumeIds.length > 0 ? await loadVolumes(db, [...new Set(volumeIds)]) : [];
  const own = await ownTasks(
    db,
    actions.flatMap(({ present }) => present?.id ?? []),
  );
  const wishes = actions.map((action) => ({
    action,
    wishes: wishesOf(project, action, nodes, own, volumes),
  }));
  const { decisions } = placeAll(
    wishes.flatMap((one) => one.wishes),
    nodes,
  );
  const nameOf = new Map(nodes.map(({ id, name }) => [id, name]));
  const refusals: RefusalValue[] = [];
  const lines = wishes.map(({ action, wishes: own }): [string, Line[]] => [
    action.name,
    [
      ...nowhere(action, own, nodes),
      ...own.flatMap(({ request }): Line[] => {
        const decision = decisions.get(request.taskId);
        if (decision?.kind === 'placed') {
          const node = nameOf.get(decision.nodeId) ?? null;
          return [{ slot: request.slot, node, sentence: `slot ${request.slot} would go to ${node}` }];
        }
        // A pinned slot of a global service only says that this node is none of its own.
        if (!decision || action.compiled?.spec.mode === 'global') return [];
        const without = planPlacement([{ ...request, ports: [] }], nodes)[0];
        if (request.ports.length > 0 && without?.kind === 'placed')
          refusals.push(portRefusal(action, request));
        return [{ slot: request.slot, node: null, sentence: decision.sentence }];
      }),
    ],
  ]);
  const unique = new Map(refusals.map((refusal) => [refusal.service, refusal]));
  const startMs = await measuredStarts(
    db,
    actions.flatMap(({ present }) => present?.id ?? []),
  );
  return { lines: new Map(lines), refusals: [...unique.values()], startMs };
};
