import type { DirectoryConfiguration, GroupRules } from '@portreeve/contract';
import { normalDn, type SeenGroup } from '@portreeve/planning';
import { type Filter, NoSuchObjectError } from 'ldapts';
import type { Connection, Row } from './connection.ts';
import { keyAttributeOf, keyOf, stampAttributeOf, textOf, textsOf } from './entry.ts';
import { and, anything, equals, or, parseFilter } from './filters.ts';
import { batches } from './people.ts';
import { DirectoryProblem } from './problem.ts';

/** `dn` in the one spelling; `writtenDn` as the directory has it. */
export type GroupEntry = SeenGroup & { name: string; stamp: string; writtenDn: string };

/** Active Directory gives so many values of an attribute at once and no more, and says so only in the attribute's name. */
const RANGE = 1_500;
const DNS_AT_ONCE = 50;
/** Groups in groups in groups: deeper than this nobody nests on purpose. */
const DEEPEST = 32;

type With = DirectoryConfiguration & { groups: GroupRules };
const hasGroups = (configuration: DirectoryConfiguration): configuration is With =>
  configuration.groups !== null;

const rangeOf = (attribute: string, from: number): string => `${attribute};range=${from}-${from + RANGE - 1}`;

const firstMembers = ({ kind, groups }: With): string =>
  kind === 'active-directory' ? rangeOf(groups.memberAttribute, 0) : groups.memberAttribute;

/** The values of one range, and where the next one begins; none where this was the last. */
const readRange = (row: Row, attribute: string): { values: string[]; next?: number } => {
  const ranged = Object.keys(row).find((name) => {
    const [head, option] = name.toLowerCase().split(';range=');
    return head === attribute.toLowerCase() && option !== undefined && textsOf(row, name).length > 0;
  });
  if (ranged === undefined) return { values: textsOf(row, attribute) };
  const last = /-(\d+|\*)$/.exec(ranged)?.[1] ?? '*';
  return { values: textsOf(row, ranged), ...(last === '*' ? {} : { next: Number(last) + 1 }) };
};

const allMembers = async (connection: Connection, row: Row, { groups }: With): Promise<string[]> => {
  let { values, next } = readRange(row, groups.memberAttribute);
  const members = [...values];
  while (next !== undefined) {
    const attributes = [rangeOf(groups.memberAttribute, next)];
    const [more] = await connection.search({ base: row.dn, scope: 'base', filter: anything(), attributes });
    if (!more) throw new Error(`the group ${row.dn} was gone while its members were read`);
    ({ values, next } = readRange(more, groups.memberAttribute));
    members.push(...values);
  }
  return members;
};

const spelled = (member: string, { groups }: With): string =>
  groups.memberIs === 'dn' ? normalDn(member) : member.toLowerCase();

const searchGroups = (
  connection: Connection,
  configuration: With,
  more: { filter?: Filter; attributes?: string[]; limit?: number } = {},
) => {
  const { groups } = configuration;
  const own = [groups.nameAttribute, keyAttributeOf(configuration), stampAttributeOf(configuration)];
  return connection.search({
    ...{ base: groups.base, scope: groups.scope },
    filter: and(parseFilter(groups.filter), ...(more.filter ? [more.filter] : [])),
    attributes: [...own, ...(more.attributes ?? [])],
    ...(more.limit === undefined ? {} : { limit: more.limit }),
  });
};

const groupOf = (row: Row, configuration: With, members: string[]): GroupEntry => ({
  key: keyOf(row, configuration),
  dn: normalDn(row.dn),
  writtenDn: row.dn,
  name: textOf(row, configuration.groups.nameAttribute) || row.dn,
  stamp: textOf(row, stampAttributeOf(configuration)),
  members,
});

/** All groups with all their members, in one walk. */
export const readGroups = async (
  connection: Connection,
  configuration: DirectoryConfiguration,
): Promise<GroupEntry[]> => {
  if (!hasGroups(configuration)) return [];
  const rows = await searchGroups(connection, configuration, { attributes: [firstMembers(configuration)] });
  const read: GroupEntry[] = [];
  for (const row of rows) {
    const members = await allMembers(connection, row, configuration);
    read.push(
      groupOf(
        row,
        configuration,
        members.map((member) => spelled(member, configuration)),
      ),
    );
  }
  return read;
};

/** All groups without their members: enough to tell that one came, went, was renamed or changed. */
export const readGroupStamps = async (
  connection: Connection,
  configuration: DirectoryConfiguration,
): Promise<string[]> => {
  if (!hasGroups(configuration)) return [];
  const rows = await searchGroups(connection, configuration);
  return rows
    .map((row) => groupOf(row, configuration, []))
    .map(({ key, dn, stamp }) => `${key} ${stamp} ${dn}`)
    .sort();
};

/** The first groups that `filter` finds, without their members. */
export const findGroups = async (
  connection: Connection,
  configuration: DirectoryConfiguration,
  filter: Filter,
  limit: number,
): Promise<GroupEntry[]> => {
  if (!hasGroups(configuration)) return [];
  const rows = await searchGroups(connection, configuration, { filter, limit });
  return rows.map((row) => groupOf(row, configuration, []));
};

/** A group by its DN; undefined where there is none, or one that the group rules do not take. */
export const readGroup = async (
  connection: Connection,
  configuration: DirectoryConfiguration,
  dn: string,
): Promise<GroupEntry | undefined> => {
  if (!hasGroups(configuration)) return undefined;
  const [base, own] = [normalDn(configuration.groups.base), normalDn(dn)];
  if (own !== base && !own.endsWith(`,${base}`)) return undefined;
  const attributes = [configuration.groups.nameAttribute, keyAttributeOf(configuration)];
  const filter = parseFilter(configuration.groups.filter);
  const rows = await connection.search({ base: dn, scope: 'base', filter, attributes }).catch((error) => {
    if (error instanceof DirectoryProblem && error.cause instanceof NoSuchObjectError) return [];
    throw error;
  });
  return rows[0] && groupOf(rows[0], configuration, []);
};

export type PersonsGroup = GroupEntry & { direct: boolean };

/** The groups that a person is in, and those that these are in: upwards, a few questions instead of all groups. */
export const groupsOfPerson = async (
  connection: Connection,
  configuration: DirectoryConfiguration,
  person: { dn: string; username: string },
): Promise<PersonsGroup[]> => {
  if (!hasGroups(configuration)) return [];
  const { memberAttribute, memberIs } = configuration.groups;
  const found = new Map<string, PersonsGroup>();
  let asked = [memberIs === 'dn' ? person.dn : person.username];
  for (let depth = 0; depth < DEEPEST && asked.length > 0; depth += 1) {
    const next: string[] = [];
    for (const some of batches(asked, DNS_AT_ONCE)) {
      const filter = or(some.map((value) => equals(memberAttribute, value)));
      for (const row of await searchGroups(connection, configuration, { filter })) {
        const group = groupOf(row, configuration, []);
        if (found.has(group.dn)) continue;
        found.set(group.dn, { ...group, direct: depth === 0 });
        next.push(row.dn);
      }
    }
    asked = memberIs === 'dn' ? next : [];
  }
  return [...found.values()];
};
