import { DomainError, isWithin, type Permission } from '@portreeve/domain';

/** Who asks. `nobody` before sign-in and `system` for our own loops have an empty `userId` and no rights here. */
export type Subject = {
  kind: 'user' | 'token' | 'nobody' | 'system';
  userId: string;
  name: string;
  administrator: boolean;
  sessionId?: string;
  tokenId?: string;
  /** Of a token: what it is narrowed to. */
  permissions?: readonly Permission[];
  projectPath?: string;
};

export const NOBODY: Subject = { kind: 'nobody', userId: '', name: 'nobody', administrator: false };

const holds = (subject: Subject, permission: Permission): boolean => {
  if (subject.kind !== 'user' && subject.kind !== 'token') return false;
  if (!subject.administrator) return false;
  return subject.permissions === undefined || subject.permissions.includes(permission);
};

/** The one answer to "may they": denied unless something says yes. */
export const allows = (subject: Subject, permission: Permission, projectPath = '/'): boolean =>
  holds(subject, permission) && isWithin(projectPath, subject.projectPath ?? '/');

/** True when there is some project in which the subject may; what to ask before the project is known. */
export const allowsSomewhere = (subject: Subject, permission: Permission): boolean =>
  allows(subject, permission, subject.projectPath ?? '/');

/** Refuses with the permission and the project named. */
export const authorize = (
  subject: Subject,
  permission: Permission,
  projectPath = '/',
  object?: string,
): void => {
  if (allows(subject, permission, projectPath)) return;
  const place = projectPath === '/' ? 'at the root of the cluster' : `in ${projectPath}`;
  const who = subject.kind === 'token' ? `The token "${subject.name}"` : subject.name;
  throw new DomainError(
    'permission.missing',
    `${who} lacks the permission ${permission} ${place}${object ? `, needed for ${object}` : ''}.`,
    {
      hint:
        subject.kind === 'token'
          ? 'Use a token that has it; tokens are made under your account.'
          : 'Ask an administrator for it.',
    },
  );
};
