import type { TeamRuleWish } from '@portreeve/contract';

/** Whom a rule takes in, in words. */
export const ruleWords = (wish: TeamRuleWish): string => {
  if (wish.kind === 'group') return `members of ${wish.dn}${wish.nested ? ', groups in it too' : ''}`;
  const depth = wish.scope === 'subtree' ? 'below' : 'directly below';
  return `whoever ${wish.filter} finds ${depth} ${wish.base}`;
};
