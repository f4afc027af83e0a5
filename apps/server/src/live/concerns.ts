import type { Change, ChangeKind, Route } from '@portreeve/contract';

/** What `:id` in a path is the id of, for the paths that have one. */
const NOUNS: Record<string, ChangeKind> = {
  projects: 'project',
  stacks: 'stack',
  services: 'service',
  rollouts: 'rollout',
  tasks: 'task',
  nodes: 'node',
};

const nounOf = (route: Pick<Route, 'path'>): ChangeKind | undefined => {
  const match = /^\/([a-z-]+)\/:id(\/|$)/.exec(route.path);
  return match ? NOUNS[match[1] ?? ''] : undefined;
};

/**
 * True when a watch must run again after a change: the route names the kind, and where the change names objects of the
 * page's own kind, the page's object is among them. Changes of other kinds may concern it through their relations.
 */
export const isConcerned = (
  route: Pick<Route, 'path' | 'live'>,
  params: Readonly<Record<string, string>>,
  change: Change,
): boolean => {
  if (!route.live.includes(change.kind)) return false;
  if (change.ids.length === 0 || nounOf(route) !== change.kind) return true;
  return change.ids.includes(params.id ?? '');
};
