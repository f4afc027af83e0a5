import type {
  DirectoryPlan,
  DirectorySnapshot,
  Judged,
  KnownPerson,
  SeenPerson,
  SyncAllowance,
  SyncHold,
  SyncLimits,
  TeamMembership,
} from './types.ts';

/** A team of one that loses its one member is an everyday thing, and must not wait for anybody. */
const SMALLEST_TEAM_TO_EMPTY = 2;

const tells = (judged: Judged, key: string): boolean => judged === 'all' || judged.has(key);

const differs = (known: KnownPerson, seen: SeenPerson): boolean =>
  known.dn !== seen.dn ||
  known.username !== seen.username ||
  known.displayName !== seen.displayName ||
  known.email !== seen.email;

const isTooMany = (part: number, whole: number, guard: SyncLimits): boolean =>
  part > guard.atLeast && part * 100 > guard.percent * whole;

/** How many of each team are there by rules, and how many are left in all. */
const emptied = (snapshot: DirectorySnapshot, plan: DirectoryPlan): SyncHold[] => {
  const leaving = new Set(plan.leave.map(({ id }) => id));
  const joined = new Set(plan.join.map(({ teamId }) => teamId));
  const teams = new Map<string, { byRule: Set<string>; left: boolean }>();
  for (const row of snapshot.memberships) {
    const team = teams.get(row.teamId) ?? { byRule: new Set(), left: false };
    teams.set(row.teamId, team);
    if (row.ruleId !== null) team.byRule.add(row.userId);
    if (!leaving.has(row.id)) team.left = true;
  }
  return [...teams].flatMap(([teamId, { byRule, left }]) =>
    left || joined.has(teamId) || byRule.size < SMALLEST_TEAM_TO_EMPTY
      ? []
      : [{ kind: 'empties-team' as const, teamId, members: byRule.size }],
  );
};

const holdsOf = (snapshot: DirectorySnapshot, plan: DirectoryPlan, guard: SyncLimits): SyncHold[] => {
  const byRule = snapshot.memberships.filter(({ ruleId }) => ruleId !== null).length;
  const enabled = snapshot.known.filter(({ disabled }) => disabled === 'no').length;
  const [left, disabled] = [plan.leave.length, plan.disable.length];
  // All of several: whatever their number, that is more often a wrong base or filter than the truth.
  const everybody = disabled > 1 && disabled === enabled;
  return [
    ...(isTooMany(left, byRule, guard) ? [{ kind: 'leaves-many' as const, left, of: byRule }] : []),
    ...(everybody || isTooMany(disabled, enabled, guard)
      ? [{ kind: 'disables-many' as const, disabled, of: enabled }]
      : []),
    ...emptied(snapshot, plan),
  ];
};

const isAllowed = (hold: SyncHold, allowance: SyncAllowance): boolean => {
  if (hold.kind === 'empties-team') return allowance.emptied.includes(hold.teamId);
  if (hold.kind === 'leaves-many') return hold.left <= allowance.left;
  return hold.disabled <= allowance.disabled;
};

/**
 * What follows from a reading of a directory: who gets an account, is disabled or enabled, joins and leaves which
 * team. Who was found is judged by what was found; who was not found is gone only where the reading tells about them.
 * Memberships by hand are nobody's business here. The caller carries nothing out while `held` has anything in it.
 */
export const planDirectory = (
  snapshot: DirectorySnapshot,
  guard: SyncLimits,
  allowance: SyncAllowance = { left: 0, disabled: 0, emptied: [] },
): DirectoryPlan => {
  const seen = new Map(snapshot.seen.map((person) => [person.key, person]));
  const known = new Map(snapshot.known.map((person) => [person.key, person]));
  const byId = new Map(snapshot.known.map((person) => [person.id, person]));
  const plan: DirectoryPlan = {
    create: [],
    change: [],
    disable: [],
    enable: [],
    join: [],
    leave: [],
    held: [],
  };
  // Who was out already stays so until the directory shows them again.
  const isOut = ({ key, disabled }: KnownPerson): boolean => {
    const entry = seen.get(key);
    return entry ? entry.disabled : disabled === 'by-directory' || tells(snapshot.judged, key);
  };

  for (const person of snapshot.known) {
    const entry = seen.get(person.key);
    if (entry && differs(person, entry)) plan.change.push({ id: person.id, to: entry });
    if (isOut(person)) {
      if (person.disabled === 'no') plan.disable.push({ id: person.id, why: entry ? 'disabled' : 'gone' });
    } else if (entry && person.disabled === 'by-directory') plan.enable.push(person.id);
  }
  if (snapshot.createAccounts)
    plan.create = snapshot.seen.filter(({ key, disabled }) => !disabled && !known.has(key));

  const created = new Set(plan.create.map(({ key }) => key));
  const rules = new Map(snapshot.rules.map((rule) => [rule.ruleId, rule]));
  const has = new Set<string>();
  const stays = (row: TeamMembership, person: KnownPerson): boolean => {
    if (isOut(person)) return false;
    const rule = rules.get(row.ruleId ?? '');
    return !rule || !tells(rule.judged, person.key) || rule.members.has(person.key);
  };
  for (const row of snapshot.memberships) {
    const person = byId.get(row.userId);
    if (row.ruleId === null || !person) continue;
    if (stays(row, person)) has.add(`${row.ruleId} ${person.key}`);
    else plan.leave.push(row);
  }
  for (const { ruleId, teamId, members, judged } of snapshot.rules)
    for (const key of members) {
      const person = known.get(key);
      const takesPart = created.has(key) || (person !== undefined && !isOut(person));
      if (takesPart && tells(judged, key) && !has.has(`${ruleId} ${key}`))
        plan.join.push({ ruleId, teamId, key });
    }
  plan.held = holdsOf(snapshot, plan, guard).filter((hold) => !isAllowed(hold, allowance));
  return plan;
};

/** What a person says yes to when a held plan is confirmed: so much, and no more. */
export const allowanceOf = (plan: DirectoryPlan): SyncAllowance => ({
  left: plan.leave.length,
  disabled: plan.disable.length,
  emptied: plan.held.flatMap((hold) => (hold.kind === 'empties-team' ? [hold.teamId] : [])),
});
