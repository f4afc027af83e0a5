import { createHash } from 'node:crypto';
import type { DirectoryConfiguration } from '@portreeve/contract';
import type { DirectorySnapshot, KnownPerson } from '@portreeve/planning';
import { GreaterThanEqualsFilter } from 'ldapts';
import type { Connection } from './connection.ts';
import type { Mark, RuleRow } from './directories.store.ts';
import { type PersonEntry, stampAttributeOf, textOf } from './entry.ts';
import { anything } from './filters.ts';
import { readGroupStamps, readGroups } from './groups.ts';
import { keysByMember, missingGroups, readingsOfGroups, readingsOfSearches } from './members.ts';
import { readPeople, readPeopleByKey } from './people.ts';

export type Reading = Pick<DirectorySnapshot, 'seen' | 'judged' | 'rules'> & {
  kind: 'full' | 'increment';
  mark: Omit<Mark, 'at'>;
  /** What there was to see, for the log. */
  lines: string[];
};

const isActiveDirectory = ({ kind }: DirectoryConfiguration): boolean => kind === 'active-directory';
const hashOf = (texts: readonly string[]): string =>
  createHash('sha256').update(texts.join('\n')).digest('base64url');

/** Which server answers, and how far its count of changes is: a count means nothing to another server. */
const whoAnswers = async (
  connection: Connection,
  configuration: DirectoryConfiguration,
): Promise<{ server: string; count: string }> => {
  if (!isActiveDirectory(configuration)) return { server: connection.url, count: '' };
  const [root] = await connection.search({
    ...{ base: '', scope: 'base', filter: anything(), limit: 1 },
    attributes: ['highestCommittedUSN', 'dsServiceName'],
  });
  const settings = root ? textOf(root, 'dsServiceName') : '';
  const [own] = await connection.search({
    ...{ base: settings, scope: 'base', filter: anything(), limit: 1 },
    attributes: ['invocationId'],
  });
  const id = own?.invocationId;
  return {
    server: Buffer.isBuffer(id) ? id.toString('hex') : connection.url,
    count: root ? textOf(root, 'highestCommittedUSN') : '',
  };
};

/** `20261130221500Z` and `20261130221500.123Z`; a minute before, since clocks and transactions overlap. */
const OVERLAP_MS = 60_000;
const aMinuteBefore = (stamp: string): string => {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/.exec(stamp) ?? [];
  const at = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  const text = new Date(at - OVERLAP_MS).toISOString();
  return `${text.slice(0, 19).replace(/[-:T]/g, '')}Z`;
};

const latest = (people: readonly PersonEntry[], before: string): string =>
  [before, ...people.map(({ stamp }) => stamp)].sort().at(-1) ?? '';

/** Everybody and all groups. Whoever is not in it is not there. */
export const readEverything = async (
  connection: Connection,
  configuration: DirectoryConfiguration,
  rules: readonly RuleRow[],
): Promise<Reading> => {
  const { server, count } = await whoAnswers(connection, configuration);
  const stamps = await readGroupStamps(connection, configuration);
  const seen = await readPeople(connection, configuration);
  const groups = rules.some(({ wish }) => wish.kind === 'group')
    ? await readGroups(connection, configuration)
    : [];
  const keys = keysByMember(seen, configuration);
  return {
    ...{ kind: 'full', seen, judged: 'all' },
    rules: [
      ...readingsOfGroups(rules, groups, keys),
      ...(await readingsOfSearches(connection, configuration, rules, 'all')),
    ],
    mark: { server, people: count || latest(seen, ''), groups: hashOf(stamps) },
    lines: [
      `${connection.url} answered with ${seen.length} people and ${stamps.length} groups.`,
      ...missingGroups(rules, groups),
    ],
  };
};

export type Before = {
  mark: Mark;
  known: readonly KnownPerson[];
  /** Who has a session or a token that stands: they are read again whether they changed or not. */
  active: readonly string[];
};

/** People whose entries changed since the mark, as the directory counts it. */
const readChanged = (connection: Connection, configuration: DirectoryConfiguration, mark: Mark) => {
  const value = isActiveDirectory(configuration)
    ? String(BigInt(mark.people) + 1n)
    : aMinuteBefore(mark.people);
  const attribute = stampAttributeOf(configuration);
  return readPeople(connection, configuration, new GreaterThanEqualsFilter({ attribute, value }));
};

/**
 * What changed since the last reading, and whoever is at work. Of others it tells nothing. Groups are compared as a
 * whole, so that one that went or was renamed is noticed too. Undefined where only a full reading will do: another
 * server answered, or nothing says how far the last one came.
 */
export const readChanges = async (
  connection: Connection,
  configuration: DirectoryConfiguration,
  rules: readonly RuleRow[],
  { mark, known, active }: Before,
): Promise<Reading | undefined> => {
  const { server, count } = await whoAnswers(connection, configuration);
  if (server !== mark.server || mark.people === '') return undefined;
  const groupsNow = hashOf(await readGroupStamps(connection, configuration));
  const changed = await readChanged(connection, configuration, mark);
  const there = await readPeopleByKey(connection, configuration, active);
  const entries = new Map([...changed, ...there].map((person) => [person.key, person]));
  const judged = new Set([...entries.keys(), ...active]);
  const before = new Map(known.map((person) => [person.key, person]));
  const seen = [...entries.values()];
  const isMoved = seen.some(({ key, dn }) => before.get(key)?.dn !== dn);
  const walks = isMoved || groupsNow !== mark.groups;
  const groups = walks ? await readGroups(connection, configuration) : [];
  const everybody = [...known.filter(({ key }) => !entries.has(key)), ...seen];
  return {
    ...{ kind: 'increment', seen, judged },
    rules: [
      ...(walks ? readingsOfGroups(rules, groups, keysByMember(everybody, configuration)) : []),
      ...(judged.size > 0 ? await readingsOfSearches(connection, configuration, rules, judged) : []),
    ],
    mark: { server, people: count || latest(seen, mark.people), groups: groupsNow },
    lines: [
      `${connection.url}: ${changed.length} changed, ${active.length} at work, groups ${walks ? 'walked' : 'as before'}.`,
      ...(walks ? missingGroups(rules, groups) : []),
    ],
  };
};
