import type { DirectoryConfiguration, UserSearch } from '@portreeve/contract';
import type { Filter } from 'ldapts';
import type { Connection } from './connection.ts';
import { byKey, type PersonEntry, personAttributes, personOf } from './entry.ts';
import { and, equals, or, parseFilter } from './filters.ts';

const KEYS_AT_ONCE = 100;

/** People of one search, narrowed by `more`. */
const peopleOf = async (
  connection: Connection,
  configuration: DirectoryConfiguration,
  search: UserSearch,
  more: Filter[],
  limit?: number,
): Promise<PersonEntry[]> => {
  const rows = await connection.search({
    ...{ base: search.base, scope: search.scope },
    filter: and(parseFilter(search.filter), ...more),
    attributes: personAttributes(search, configuration),
    ...(limit === undefined ? {} : { limit }),
  });
  const now = Date.now();
  return rows.flatMap((row) => personOf(row, search, configuration, now) ?? []);
};

/** Everybody whom the searches find, each once: the first search that finds somebody tells of them. */
export const readPeople = async (
  connection: Connection,
  configuration: DirectoryConfiguration,
  ...more: Filter[]
): Promise<PersonEntry[]> => {
  const found = new Map<string, PersonEntry>();
  for (const search of configuration.users)
    for (const person of await peopleOf(connection, configuration, search, more))
      if (!found.has(person.key)) found.set(person.key, person);
  return [...found.values()];
};

/** Those of `keys` who are there still. */
export const readPeopleByKey = async (
  connection: Connection,
  configuration: DirectoryConfiguration,
  keys: readonly string[],
): Promise<PersonEntry[]> => {
  const people: PersonEntry[] = [];
  for (const some of batches(keys, KEYS_AT_ONCE))
    people.push(
      ...(await readPeople(connection, configuration, or(some.map((key) => byKey(key, configuration))))),
    );
  return people;
};

/** Whom a user name means: exactly one entry, or nobody. The searches have their turn in order. */
export const findPerson = async (
  connection: Connection,
  configuration: DirectoryConfiguration,
  username: string,
): Promise<PersonEntry | undefined> => {
  for (const search of configuration.users) {
    const named = equals(search.usernameAttribute, username);
    const found = await peopleOf(connection, configuration, search, [named], 2);
    if (found.length > 0) return found.length === 1 ? found[0] : undefined;
  }
  return undefined;
};

export const batches = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, n) => all.slice(n * size, (n + 1) * size));
