/** A person's entry as a directory answered it; `key` is its stable id. */
export type SeenPerson = {
  key: string;
  dn: string;
  username: string;
  displayName: string;
  email: string | null;
  disabled: boolean;
};

/** An account that came from the directory. */
export type KnownPerson = {
  id: string;
  key: string;
  dn: string;
  username: string;
  displayName: string;
  email: string | null;
  /** `by-directory` is lifted again by the directory's word, `by-hand` never. */
  disabled: 'no' | 'by-directory' | 'by-hand';
};

/** Whom a reading tells about: who is of these and was not found is not there. */
export type Judged = 'all' | ReadonlySet<string>;

/** Whom a team's rule takes in, by stable id. */
export type RuleReading = { ruleId: string; teamId: string; judged: Judged; members: ReadonlySet<string> };

/** A row of a team that has rules; `ruleId` null was made by hand. */
export type TeamMembership = { id: string; teamId: string; userId: string; ruleId: string | null };

export type SyncLimits = { percent: number; atLeast: number };

export type DirectorySnapshot = {
  seen: readonly SeenPerson[];
  judged: Judged;
  known: readonly KnownPerson[];
  rules: readonly RuleReading[];
  memberships: readonly TeamMembership[];
  /** Whether who is seen and not known gets an account. */
  createAccounts: boolean;
};

/** What one sync may take away at most without asking; what a person said yes to. */
export type SyncAllowance = { left: number; disabled: number; emptied: readonly string[] };

export type SyncHold =
  | { kind: 'leaves-many'; left: number; of: number }
  | { kind: 'disables-many'; disabled: number; of: number }
  | { kind: 'empties-team'; teamId: string; members: number };

export type DirectoryPlan = {
  create: SeenPerson[];
  change: { id: string; to: SeenPerson }[];
  disable: { id: string; why: 'gone' | 'disabled' }[];
  enable: string[];
  join: { ruleId: string; teamId: string; key: string }[];
  leave: TeamMembership[];
  /** Why it must not be carried out before a person says yes; empty when it may. */
  held: SyncHold[];
};
