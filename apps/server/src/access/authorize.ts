import { DomainError, isWithin, type Permission } from '@portreeve/domain';
import {
  type Decision,
  decide,
  type HeldGrant,
  type Rights,
  scopeOf,
  seesProject,
} from '@portreeve/planning';
import type { Subject } from './subject.ts';

type Answer = Decision | { allowed: false; why: 'narrowed' };

const NOTHING: Rights = { everything: false, grants: [], allowances: [] };

export const rightsOf = ({ kind, administrator, grants = [], allowances = [] }: Subject): Rights =>
  kind === 'user' || kind === 'token' ? { everything: administrator, grants, allowances } : NOTHING;

/** A token speaks for its owner, for no more than what it was made for. */
const isNarrowed = ({ permissions }: Subject, permission: Permission): boolean =>
  permissions !== undefined && !permissions.includes(permission);

/** Whether a token was made for it; true for people. */
export const isMadeFor = (subject: Subject, permission: Permission, projectPath: string): boolean =>
  !isNarrowed(subject, permission) && isWithin(projectPath, subject.projectPath ?? '/');

/** The one answer to "may they, and through what": denied unless something says yes. */
export const answerTo = (subject: Subject, permission: Permission, projectPath = '/'): Answer => {
  if (subject.kind !== 'user' && subject.kind !== 'token') return { allowed: false, why: 'no grant' };
  if (!isMadeFor(subject, permission, projectPath)) return { allowed: false, why: 'narrowed' };
  return decide(rightsOf(subject), permission, projectPath, Date.now());
};

export const allows = (subject: Subject, permission: Permission, projectPath = '/'): boolean =>
  answerTo(subject, permission, projectPath).allowed;

/** The projects, each with all below it, in which the subject may: what a list within `projectPath` is filtered by. */
export const scope = (subject: Subject, permission: Permission, projectPath = '/'): string[] => {
  const narrow = subject.projectPath ?? '/';
  if (isNarrowed(subject, permission)) return [];
  const within = isWithin(narrow, projectPath) ? narrow : projectPath;
  return isWithin(within, narrow) && rightsOf(subject) !== NOTHING
    ? scopeOf(rightsOf(subject), permission, within, Date.now())
    : [];
};

/** The grants by which a list within `projectPath` shows what it does. */
export const grantsWithin = (
  subject: Subject,
  permission: Permission,
  projectPath = '/',
): readonly HeldGrant[] =>
  rightsOf(subject).grants.filter(
    (grant) =>
      grant.permissions.has(permission) &&
      (isWithin(grant.projectPath, projectPath) || isWithin(projectPath, grant.projectPath)),
  );

/** True when there is some project in which the subject may; what to ask before the project is known. */
export const allowsSomewhere = (subject: Subject, permission: Permission): boolean =>
  scope(subject, permission).length > 0;

/** What shows a thing of the permission's kind, where that is not a permission `kind.read`. */
const SHOWN_BY: Readonly<Record<string, Permission>> = { service: 'stack.read', secret: 'secret.list' };

const shownBy = (permission: Permission): Permission => {
  const [kind = ''] = permission.split('.');
  return SHOWN_BY[kind] ?? (`${kind}.read` as Permission);
};

/** True when there are things of the permission's kind that they may see. */
export const seesSomewhere = (subject: Subject, permission: Permission): boolean =>
  allowsSomewhere(subject, shownBy(permission));

/** May they know that what the permission is about is there? Else it does not exist for them. */
export const sees = (subject: Subject, permission: Permission, projectPath: string): boolean => {
  const [kind = ''] = permission.split('.');
  if (allows(subject, shownBy(permission), projectPath)) return true;
  if (kind !== 'host' && kind !== 'token' && kind !== 'service-account') return false;
  return (
    isWithin(projectPath, subject.projectPath ?? '/') &&
    seesProject(rightsOf(subject), projectPath, Date.now())
  );
};

const placeOf = (projectPath: string): string =>
  projectPath === '/' ? 'at the root of the cluster' : `in ${projectPath}`;

const outOf = (answer: Answer, projectPath: string): { because: string; hint: string } => {
  if (answer.allowed) return { because: '', hint: '' };
  switch (answer.why) {
    case 'narrowed':
      return { because: '', hint: 'Use a token that has it; tokens are made under your account.' };
    case 'not allowed in project':
      return {
        because: ` The role ${answer.grant.roleName} has it, but no administrator allowed it in the project.`,
        hint: `A cluster administrator can allow it in the settings of the project ${projectPath}.`,
      };
    case 'no grant':
      return { because: '', hint: 'Ask an administrator for it.' };
  }
};

/** A refusal that says what is missing where, so that who could grant it can be named. */
export class MissingPermission extends DomainError {
  readonly permission: Permission;
  readonly projectPath: string;
  readonly why: Exclude<Answer, { allowed: true }>['why'];

  constructor(
    message: string,
    hint: string,
    missing: Pick<MissingPermission, 'permission' | 'projectPath' | 'why'>,
  ) {
    super('permission.missing', message, { hint });
    this.permission = missing.permission;
    this.projectPath = missing.projectPath;
    this.why = missing.why;
  }
}

/** The refusal in words: what is missing, where, what for, and the way out. */
export const missing = (
  subject: Subject,
  permission: Permission,
  projectPath = '/',
  object?: string,
): DomainError => {
  const who = subject.kind === 'token' ? `The token "${subject.name}"` : subject.name;
  const what = object ? `, needed for ${object}` : '';
  const answer = answerTo(subject, permission, projectPath);
  const { because, hint } = outOf(answer, projectPath);
  const sentence = `${who} lacks the permission ${permission} ${placeOf(projectPath)}${what}.`;
  const why = answer.allowed ? 'no grant' : answer.why;
  return new MissingPermission(`${sentence}${because}`, hint, { permission, projectPath, why });
};

/** Refuses with the permission and the project named; else says through what they may. */
export const authorize = (
  subject: Subject,
  permission: Permission,
  projectPath = '/',
  object?: string,
): Extract<Answer, { allowed: true }>['through'] => {
  const answer = answerTo(subject, permission, projectPath);
  if (!answer.allowed) throw missing(subject, permission, projectPath, object);
  return answer.through;
};
