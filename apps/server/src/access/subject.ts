import type { Permission } from '@portreeve/domain';
import type { Rights } from '@portreeve/planning';

/** Who asks. `nobody` before sign-in and `system` for our own loops have an empty `userId` and no rights here. */
export type Subject = {
  kind: 'user' | 'token' | 'nobody' | 'system';
  userId: string;
  name: string;
  /** Holds everything everywhere; for all others the grants say. */
  administrator: boolean;
  grants?: Rights['grants'];
  allowances?: Rights['allowances'];
  sessionId?: string;
  tokenId?: string;
  /** Of a token: what it is narrowed to. */
  permissions?: readonly Permission[];
  projectPath?: string;
};

/** Whether two answers of "who may do what" for the same account say the same. */
export const sameRights = (one: Subject, other: Subject): boolean => {
  const text = ({ administrator, grants, allowances }: Subject) =>
    JSON.stringify([administrator, grants, allowances], (_, value) =>
      value instanceof Set ? [...value] : value,
    );
  return text(one) === text(other);
};

export const NOBODY: Subject = { kind: 'nobody', userId: '', name: 'nobody', administrator: false };
