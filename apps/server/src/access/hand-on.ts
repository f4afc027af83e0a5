import { BUILT_IN_ROLES, DomainError, type Permission } from '@portreeve/domain';
import { type HeldGrant, isClusterAdministrator, mayHandOn } from '@portreeve/planning';
import { isMadeFor, rightsOf } from './authorize.ts';
import type { Subject } from './subject.ts';

/** What a role gives where, and how long. */
export type Handed = Pick<HeldGrant, 'roleId' | 'projectPath' | 'permissions' | 'endsAt'>;

/** What of it the subject does not hold there itself, or not for as long. */
export const lackingFor = (subject: Subject, handed: Handed): Permission[] =>
  [...handed.permissions].filter(
    (permission) =>
      !isMadeFor(subject, permission, handed.projectPath) ||
      !mayHandOn(rightsOf(subject), permission, handed.projectPath, handed.endsAt, Date.now()),
  );

const makesUnbound = ({ roleId, projectPath }: Handed): boolean =>
  roleId === BUILT_IN_ROLES.clusterAdministrator.id && projectPath === '/';

/** True for who is bound by nothing that projects allow, or will be until then: a cluster administrator at the root. */
export const isUnbound = (subject: Subject, endsAt?: number): boolean =>
  subject.permissions === undefined &&
  (subject.projectPath ?? '/') === '/' &&
  isClusterAdministrator(rightsOf(subject), endsAt, Date.now());

/** Why the subject may not hand this on, as a sentence that begins with what it is; empty when it may. */
export const refusalOf = (subject: Subject, handed: Handed, what: string): string => {
  const lacking = lackingFor(subject, handed);
  const [first] = lacking;
  if (first !== undefined) {
    const others = lacking.length === 1 ? '' : ` and ${lacking.length - 1} more`;
    const brief = lackingFor(subject, { ...handed, endsAt: Date.now() }).length === 0;
    return brief
      ? `${what} would last longer than your own rights in ${handed.projectPath} do.`
      : `${what} has ${first}${others}, which you do not hold in ${handed.projectPath} yourself.`;
  }
  if (makesUnbound(handed) && !isUnbound(subject, handed.endsAt))
    return `${what} at the root may do everything; only who is a cluster administrator there, for as long, can hand it on.`;
  return '';
};

/** Refuses to hand on what the subject does not hold itself. */
export const requireHandOn = (subject: Subject, handed: readonly Handed[], what: string): void => {
  for (const one of handed) {
    const refusal = refusalOf(subject, one, what);
    if (refusal)
      throw new DomainError('permission.missing', refusal, {
        hint: 'Ask somebody who holds it there, or choose less or an earlier end.',
      });
  }
};
