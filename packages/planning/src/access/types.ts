import type { Permission } from '@portreeve/domain';

/** One grant as it stands for a person: their own, or one of a team of theirs. */
export type HeldGrant = {
  id: string;
  roleId: string;
  roleName: string;
  /** The team through which it is held; absent for a grant to the person. */
  teamName?: string;
  projectPath: string;
  permissions: ReadonlySet<Permission>;
  /** Milliseconds since the epoch; absent: without end. */
  endsAt?: number;
};

/** Privileges of the host that an administrator allowed in a project and below it. */
export type Allowance = { projectPath: string; permissions: ReadonlySet<Permission> };

/** All that decides what a person may do. */
export type Rights = {
  /** The recovery administrator: everything everywhere. */
  everything: boolean;
  grants: readonly HeldGrant[];
  allowances: readonly Allowance[];
};

export type Decision =
  | { allowed: true; through: 'everything' | 'own' | HeldGrant }
  | { allowed: false; why: 'no grant' }
  /** A grant has it, but no administrator allowed this privilege of the host there. */
  | { allowed: false; why: 'not allowed in project'; grant: HeldGrant };
