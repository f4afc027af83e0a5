import type { DirectoryConfiguration } from '@portreeve/contract';
import { type Judged, membersOfGroup, normalDn, type RuleReading, type SeenGroup } from '@portreeve/planning';
import type { Connection } from './connection.ts';
import type { RuleRow } from './directories.store.ts';
import { byKey, keyAttributeOf, keyOf } from './entry.ts';
import { and, or, parseFilter } from './filters.ts';
import type { GroupEntry } from './groups.ts';
import { batches } from './people.ts';

/** What a member of a group is written as, to the stable id of whom it means. */
export type KeyOfMember = ReadonlyMap<string, string>;
type Named = { key: string; dn: string; username: string };

export const keysByMember = (
  people: readonly Named[],
  configuration: DirectoryConfiguration,
): KeyOfMember => {
  const byName = configuration.groups?.memberIs === 'username';
  return new Map(
    people.map(({ key, dn, username }) => [byName ? username.toLowerCase() : normalDn(dn), key]),
  );
};

/** The group that a rule means: by its stable id, and by its DN until that is known. */
export const groupOfRule = <G extends SeenGroup>(rule: RuleRow, groups: readonly G[]): G | undefined => {
  const { wish, groupKey } = rule;
  if (wish.kind !== 'group') return undefined;
  if (groupKey !== null) return groups.find(({ key }) => key === groupKey);
  const dn = normalDn(wish.dn);
  return groups.find((group) => group.dn === dn);
};

/** Whom the rules of groups take in, once all groups were read. */
export const readingsOfGroups = (
  rules: readonly RuleRow[],
  groups: readonly GroupEntry[],
  keys: KeyOfMember,
): RuleReading[] => {
  const byDn = new Map(groups.map((group) => [group.dn, group]));
  return rules.flatMap((rule) => {
    const { wish } = rule;
    if (wish.kind !== 'group') return [];
    const group = groupOfRule(rule, groups);
    const members = group ? [...membersOfGroup(group, byDn, wish.nested)] : [];
    const found = members.flatMap((member) => keys.get(member) ?? []);
    return [{ ruleId: rule.id, teamId: rule.teamId, judged: 'all' as const, members: new Set(found) }];
  });
};

/** Rules whose group is not there any more, in words for the log. */
export const missingGroups = (rules: readonly RuleRow[], groups: readonly GroupEntry[]): string[] =>
  rules.flatMap((rule) =>
    rule.wish.kind === 'group' && groupOfRule(rule, groups) === undefined
      ? [`The group ${rule.wish.dn} of the team “${rule.team}” is not there.`]
      : [],
  );

const KEYS_AT_ONCE = 100;

/** Whom the rules of searches take in; of `judged` alone where that is not everybody. */
export const readingsOfSearches = async (
  connection: Connection,
  configuration: DirectoryConfiguration,
  rules: readonly RuleRow[],
  judged: Judged,
): Promise<RuleReading[]> => {
  const readings: RuleReading[] = [];
  const attributes = [keyAttributeOf(configuration)];
  const narrowed =
    judged === 'all'
      ? [[]]
      : batches([...judged], KEYS_AT_ONCE).map((some) => [or(some.map((key) => byKey(key, configuration)))]);
  for (const { id, teamId, wish } of rules) {
    if (wish.kind !== 'search') continue;
    const members = new Set<string>();
    for (const more of narrowed) {
      const filter = and(parseFilter(wish.filter), ...more);
      for (const row of await connection.search({ base: wish.base, scope: wish.scope, filter, attributes }))
        members.add(keyOf(row, configuration));
    }
    readings.push({ ruleId: id, teamId, judged, members });
  }
  return readings;
};
