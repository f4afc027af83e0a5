import type { RuleReading } from '@portreeve/planning';
import { type Reach, withConnection } from './connection.ts';
import type { RuleRow } from './directories.store.ts';
import type { PersonEntry } from './entry.ts';
import { groupsOfPerson } from './groups.ts';
import { groupOfRule, readingsOfSearches } from './members.ts';

/** Which rules take in one person, asked upwards from their entry. */
export const rulesFor = async (
  reach: Reach,
  rules: readonly RuleRow[],
  person: PersonEntry,
  until: number,
): Promise<RuleReading[]> => {
  if (rules.length === 0) return [];
  const judged = new Set([person.key]);
  return withConnection(reach, until, async (connection) => {
    const { configuration } = reach;
    const groups = await groupsOfPerson(connection, configuration, person);
    const byGroup = rules.flatMap((rule) => {
      const { id: ruleId, teamId, wish } = rule;
      if (wish.kind !== 'group') return [];
      const group = groupOfRule(rule, groups);
      const isIn = group !== undefined && (group.direct || wish.nested);
      return [{ ruleId, teamId, judged, members: new Set(isIn ? [person.key] : []) }];
    });
    const bySearch = await readingsOfSearches(connection, configuration, rules, judged);
    return [...byGroup, ...bySearch];
  });
};
