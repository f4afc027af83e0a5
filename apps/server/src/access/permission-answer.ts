import type { PermissionAnswer } from '@portreeve/contract';
import { isHostPrivilege, PERMISSIONS, type Permission } from '@portreeve/domain';
import { answerTo } from './authorize.ts';
import type { Subject } from './subject.ts';

const EVERY = Object.keys(PERMISSIONS) as Permission[];

type Through = NonNullable<PermissionAnswer['through']>;
const throughOf = (through: Extract<ReturnType<typeof answerTo>, { allowed: true }>['through']): Through => {
  if (typeof through === 'string') return { kind: through };
  const { id, roleId, roleName, teamName = null, projectPath, endsAt } = through;
  return {
    ...{ kind: 'grant', grantId: id, roleId, roleName, teamName, projectPath },
    endsAt: endsAt === undefined ? null : new Date(endsAt).toISOString(),
  };
};

/** `2026-12-01 02:30 UTC`: a moment within a sentence. */
const minuteOf = (at: string): string => `${at.slice(0, 16).replace('T', ' ')} UTC`;

const sentenceThrough = (through: Through): string => {
  switch (through.kind) {
    case 'everything':
      return 'The recovery administrator may do everything.';
    case 'own':
      return 'Whoever is signed in may do that with what is their own.';
    case 'grant': {
      const by = through.teamName === null ? '' : ` of the team ${through.teamName}`;
      const until = through.endsAt === null ? '' : `, until ${minuteOf(through.endsAt)}`;
      return `Through the role ${through.roleName}${by} in ${through.projectPath}${until}.`;
    }
  }
};

/** One permission in a project: had through what, or what is missing for it. */
export const permissionAnswer = (
  subject: Subject,
  permission: Permission,
  projectPath: string,
  disabled = false,
): PermissionAnswer => {
  const base = { permission, text: PERMISSIONS[permission] };
  if (disabled)
    return {
      ...base,
      allowed: false,
      through: null,
      missing: 'disabled',
      sentence: 'The account is disabled.',
    };
  const answer = answerTo(subject, permission, projectPath);
  if (answer.allowed) {
    const through = throughOf(answer.through);
    return { ...base, allowed: true, through, missing: null, sentence: sentenceThrough(through) };
  }
  const refused = { ...base, allowed: false, through: null };
  switch (answer.why) {
    case 'narrowed':
      return { ...refused, missing: 'token', sentence: 'The token was made without it.' };
    case 'not allowed in project':
      return {
        ...refused,
        missing: 'allowance',
        sentence: `The role ${answer.grant.roleName} in ${answer.grant.projectPath} has it, but no administrator allowed it in ${projectPath} or above.`,
      };
    case 'no grant': {
      const also = isHostPrivilege(permission) ? ', and a project must allow it besides' : '';
      return { ...refused, missing: 'grant', sentence: `No grant in ${projectPath} or above has it${also}.` };
    }
  }
};

export const permissionAnswers = (
  subject: Subject,
  projectPath: string,
  disabled = false,
): PermissionAnswer[] =>
  EVERY.map((permission) => permissionAnswer(subject, permission, projectPath, disabled));
