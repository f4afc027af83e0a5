import type { EXPLAINED_KINDS } from '@portreeve/contract';
import type { Permission } from '@portreeve/domain';
import { EVERY } from './permission-groups.ts';

export type ExplainedKind = (typeof EXPLAINED_KINDS)[number];

/** Kinds of permissions that one asks about with an object; of all others about with its project. */
const ABOUT: Partial<Record<ExplainedKind, { kinds: readonly string[]; first: Permission }>> = {
  stack: { kinds: ['stack', 'service', 'host'], first: 'service.deploy' },
  service: { kinds: ['stack', 'service', 'host'], first: 'service.deploy' },
  node: { kinds: ['node'], first: 'node.drain' },
};

/** What one may ask about an object, the usual question first. */
export const questionsOf = (kind: ExplainedKind): Permission[] => {
  const about = ABOUT[kind];
  if (!about) return EVERY.filter((permission) => permission !== 'token.own');
  const own = EVERY.filter((permission) => about.kinds.includes(permission.split('.')[0] ?? ''));
  return [about.first, ...own.filter((permission) => permission !== about.first)];
};
