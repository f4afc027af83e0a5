import type { ServiceSpec } from '@portreeve/domain';
import { meetsConstraints } from '../placement/filters/constraints.ts';
import type { PlacementNode } from '../placement/types.ts';
import { diffSpec } from './diff.ts';

/** Fields that say how tasks are changed or chosen, and nothing about the containers that run. */
const ABOUT_THE_SERVICE = [
  'update',
  'rollback',
  'serviceLabels',
  'dependsOn',
  'pullPolicy',
  'spreadOver',
  'strategy',
];

const fieldOf = (path: string): string => path.split(/[.[]/, 1)[0] ?? path;

const loosens = (from: number | undefined, to: number | undefined): boolean =>
  to === undefined || (from !== undefined && to >= from);

const constraintsHold = (from: ServiceSpec, to: ServiceSpec, placedOn: PlacementNode[]): boolean => {
  const known = new Set(from.constraints.map((constraint) => JSON.stringify(constraint)));
  const added = to.constraints.filter((constraint) => !known.has(JSON.stringify(constraint)));
  if (added.length === 0) return true;
  return placedOn.length > 0 && placedOn.every((node) => meetsConstraints({ constraints: added }, node));
};

/**
 * True when going from one spec to the other takes new containers. Rules of placement change in place when
 * what runs meets them already; `placedOn` are the nodes of the present tasks, without which only looser
 * rules do.
 */
export const needsNewTasks = (from: ServiceSpec, to: ServiceSpec, placedOn: PlacementNode[] = []): boolean =>
  diffSpec(from, to).some(({ path }) => {
    const field = fieldOf(path);
    if (ABOUT_THE_SERVICE.includes(field)) return false;
    if (field === 'maxPerNode') return !loosens(from.maxPerNode, to.maxPerNode);
    return field === 'constraints' ? !constraintsHold(from, to, placedOn) : true;
  });
