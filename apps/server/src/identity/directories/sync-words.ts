import type { SyncCounts } from '@portreeve/contract';
import type { SyncHold } from '@portreeve/planning';
import type { RuleRow } from './directories.store.ts';
import type { Planned } from './plan-sync.ts';

const NAMED_IN_AUDIT = 100;

export const countsOf = ({ reading, plan }: Pick<Planned, 'reading' | 'plan'>): SyncCounts => ({
  read: reading.seen.length,
  created: plan.create.length,
  changed: plan.change.length,
  joined: plan.join.length,
  left: plan.leave.length,
  disabled: plan.disable.length,
  enabled: plan.enable.length,
});

export const holdText = (hold: SyncHold, teams: ReadonlyMap<string, string>): string => {
  if (hold.kind === 'leaves-many') return `${hold.left} of ${hold.of} memberships would end.`;
  if (hold.kind === 'disables-many') return `${hold.disabled} of ${hold.of} accounts would be disabled.`;
  const team = teams.get(hold.teamId) ?? hold.teamId;
  return `The team “${team}” would lose all its ${hold.members} members.`;
};
export const teamNames = (rules: readonly RuleRow[]): ReadonlyMap<string, string> =>
  new Map(rules.map(({ teamId, team }) => [teamId, team]));

/** What came of a run, in its log. */
export const summary = (counts: SyncCounts): string => {
  const parts = Object.entries(counts).filter(([name, count]) => name !== 'read' && count > 0);
  return parts.length === 0
    ? 'Nothing to change.'
    : `${parts.map(([name, count]) => `${count} ${name}`).join(', ')}.`;
};
export const hasChanges = (counts: SyncCounts): boolean =>
  Object.entries(counts).some(([name, count]) => name !== 'read' && count > 0);

/** For the audit: who, and which team. */
export const namesIn = ({ snapshot, plan, rules }: Planned) => {
  const people = new Map(snapshot.known.map(({ id, username }) => [id, username]));
  const byKey = new Map(snapshot.seen.map(({ key, username }) => [key, username]));
  const teams = teamNames(rules);
  const named = <T>(all: readonly T[], name: (one: T) => string) => all.slice(0, NAMED_IN_AUDIT).map(name);
  return {
    created: named(plan.create, ({ username }) => username),
    disabled: named(plan.disable, ({ id }) => people.get(id) ?? id),
    enabled: named(plan.enable, (id) => people.get(id) ?? id),
    joined: named(plan.join, ({ teamId, key }) => `${byKey.get(key) ?? key} → ${teams.get(teamId)}`),
    left: named(plan.leave, ({ teamId, userId }) => `${people.get(userId) ?? userId} ← ${teams.get(teamId)}`),
  };
};
