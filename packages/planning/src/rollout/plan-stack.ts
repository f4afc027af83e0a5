import type { ServiceSpec } from '@portreeve/domain';
import type { PlacementNode } from '../placement/types.ts';
import { diffSpec, type SpecChange } from './diff.ts';
import { needsNewTasks } from './needs-new-tasks.ts';

/** A service of a stack as it is, or as a file wants it. */
export type StackService = {
  name: string;
  spec: ServiceSpec;
  /** Absent: the file does not say, and what is stays. */
  replicas?: number;
  /** What names were resolved to: `image` to a digest, `secret db-password` to a version. */
  pins: Record<string, string>;
  /** Nodes of its present tasks. */
  placedOn?: PlacementNode[];
};

/**
 * What applying would do to one service: `replace` takes new tasks by a rollout, `update` changes rules or
 * replicas and leaves every present container alone.
 */
export type StackChange = {
  name: string;
  action: 'create' | 'replace' | 'update' | 'untouched' | 'remove';
  changes: SpecChange[];
};

const diffPins = (from: Record<string, string>, to: Record<string, string>): SpecChange[] =>
  [...new Set([...Object.keys(from), ...Object.keys(to)])]
    .filter((key) => from[key] !== to[key])
    .map((key) => ({ path: `pins.${key}`, from: from[key], to: to[key] }));

const diffReplicas = (from: number | undefined, to: number | undefined): SpecChange[] =>
  to === undefined || from === to ? [] : [{ path: 'replicas', ...(from !== undefined && { from }), to }];

const changeOf = (is: StackService | undefined, wanted: StackService): StackChange => {
  const { name, spec } = wanted;
  const replicas = diffReplicas(is?.replicas, wanted.replicas);
  if (is === undefined)
    return { name, action: 'create', changes: [...diffSpec(undefined, spec), ...replicas] };
  const pins = diffPins(is.pins, wanted.pins);
  const changes = [...diffSpec(is.spec, spec), ...pins, ...replicas];
  if (changes.length === 0) return { name, action: 'untouched', changes };
  const replaces = pins.length > 0 || needsNewTasks(is.spec, spec, is.placedOn);
  return { name, action: replaces ? 'replace' : 'update', changes };
};

/** What becomes of each service when `wanted` is applied over `current`; removed ones come last. */
export const planStack = (current: StackService[], wanted: StackService[]): StackChange[] => {
  const present = new Map(current.map((service) => [service.name, service]));
  const kept = new Set(wanted.map(({ name }) => name));
  const removed = current.filter(({ name }) => !kept.has(name));
  return [
    ...wanted.map((service) => changeOf(present.get(service.name), service)),
    ...removed.map(({ name }): StackChange => ({ name, action: 'remove', changes: [] })),
  ];
};
