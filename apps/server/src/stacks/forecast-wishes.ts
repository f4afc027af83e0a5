import { isFixedPort, type ServiceSpec } from '@portreeve/domain';
import type { Freed, PlacementNode } from '@portreeve/planning';
import type { Wish } from '../placement/place.ts';
import { freedBy, placementRequest } from '../placement/request.ts';
import type { ProjectRow } from '../projects/projects.store.ts';
import type { loadVolumes } from '../volumes/volumes.store.ts';
import type { CompiledService } from './compile.ts';
import type { OwnTask } from './forecast.store.ts';
import type { PlannedAction } from './stack-plan.ts';

/** More slots than this are summed up by their first ones. */
export const MOST_SLOTS = 100;

/** What of a planned action placement needs to know. */
export type Placeable = Pick<PlannedAction, 'name' | 'action' | 'replicas'> & {
  present: { id: string } | undefined;
  compiled: Pick<CompiledService, 'spec' | 'pin' | 'filePins'> | undefined;
};

/** Slots that would get a new task: all of a created or replaced service, else the further ones. */
export const rangeOf = ({ action, replicas, compiled }: Placeable, nodes: number) => {
  if (!compiled || action === 'untouched' || action === 'remove') return { from: 0, count: 0 };
  const all = compiled.spec.mode === 'global' ? nodes : replicas.to;
  const stays = action === 'scale' || action === 'update';
  const from = stays ? Math.min(replicas.from, all) : 0;
  return { from, count: all - from };
};

export const slotsOf = (action: Placeable, nodes: number): number[] => {
  const { from, count } = rangeOf(action, nodes);
  return Array.from({ length: Math.min(count, MOST_SLOTS) }, (_, index) => from + index + 1);
};

/**
 * How many slots are turned while all old tasks still hold what is theirs. None where the old one goes first, as it does
 * too where the new one must have a port of the very host of the old (the planning's `orderOf`).
 */
export const slotsBesideOld = ({ spec }: { spec: ServiceSpec }): number => {
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

export const wishesOf = (
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
