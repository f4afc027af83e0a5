import type { PlannedService } from '@portreeve/contract';
import { type PlacementNode, type PlacementRequest, planPlacement } from '@portreeve/planning';
import type { z } from 'zod';
import type { RefusalValue } from '../admission/refusal.ts';
import { placeAll, type Wish } from '../placement/place.ts';
import { loadPlacementNodes } from '../placement/snapshot.store.ts';
import type { Tx } from '../platform/db/database.ts';
import type { ProjectRow } from '../projects/projects.store.ts';
import { loadVolumes } from '../volumes/volumes.store.ts';
import type { BoundObject } from './bind-objects.ts';
import { measuredStarts, ownTasks } from './forecast.store.ts';
import { loadRooms, roomFor } from './forecast-room.ts';
import { MOST_SLOTS, type Placeable, rangeOf, slotsBesideOld, slotsOf, wishesOf } from './forecast-wishes.ts';

type Line = z.infer<typeof PlannedService>['forecast'][number];
export type Forecast = {
  lines: ReadonlyMap<string, Line[]>;
  refusals: RefusalValue[];
  /** How long each service that is there took from a new task to a ready one, on average lately. */
  startMs: ReadonlyMap<string, number>;
};

const NOTHING: Forecast = { lines: new Map(), refusals: [], startMs: new Map() };

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

type TakeRoom = ReturnType<typeof roomFor>;

/** Of the slots that are not told one by one, the first for which a network has no address left. */
const fullBeyond = (action: Placeable, nodes: PlacementNode[], takeRoom: TakeRoom): Line[] => {
  const { from, count } = rangeOf(action, nodes.length);
  // Hosts have their addresses by then: any of them will do.
  const nodeId = nodes[0]?.id ?? '';
  for (let index = MOST_SLOTS; index < count; index += 1) {
    const full = takeRoom(index, nodeId);
    if (full)
      return [{ slot: from + index + 1, node: null, sentence: `from slot ${from + index + 1} on, ${full}` }];
  }
  return [];
};

/** Where each new task would go now, by the very placement that is used later; it may differ then. */
export const forecastFor = async (
  db: Tx,
  project: ProjectRow,
  actions: readonly Placeable[],
  objects: readonly BoundObject[] = [],
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
  const rooms = await loadRooms(db, actions, objects);
  const nameOf = new Map(nodes.map(({ id, name }) => [id, name]));
  const refusals: RefusalValue[] = [];
  const linesOf = (action: Placeable, own: readonly Wish[]): Line[] => {
    const takeRoom = roomFor(rooms, action);
    return [
      ...nowhere(action, own, nodes),
      ...own.flatMap(({ request }, index): Line[] => {
        const decision = decisions.get(request.taskId);
        if (decision?.kind === 'placed') {
          const full = takeRoom(index, decision.nodeId);
          if (full) return [{ slot: request.slot, node: null, sentence: full }];
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
      ...fullBeyond(action, nodes, takeRoom),
    ];
  };
  const lines = wishes.map(({ action, wishes: own }): [string, Line[]] => [
    action.name,
    linesOf(action, own),
  ]);
  const unique = new Map(refusals.map((refusal) => [refusal.service, refusal]));
  const startMs = await measuredStarts(
    db,
    actions.flatMap(({ present }) => present?.id ?? []),
  );
  return { lines: new Map(lines), refusals: [...unique.values()], startMs };
};
