import type { AuditQuery } from '@portreeve/contract';
import type { z } from 'zod';
import { Prisma } from '../platform/db/generated/client.ts';

export type AuditFilter = Pick<
  z.output<typeof AuditQuery>,
  'search' | 'actor' | 'action' | 'object' | 'outcome' | 'address' | 'since' | 'until'
> & {
  /** Projects, each with what is below it; at the root everything is, also what belongs to none. */
  scope: readonly string[];
};

const startsWith = (column: Prisma.Sql, text: string): Prisma.Sql =>
  Prisma.sql`${column} LIKE ${`${text.replace(/[\\%_]/g, '\\$&')}%`}`;

const inScope = (paths: readonly string[]): Prisma.Sql => {
  if (paths.length === 0) return Prisma.sql`false`;
  const within = paths.map(
    (path) => Prisma.sql`"projectPath" = ${path} OR ${startsWith(Prisma.sql`"projectPath"`, `${path}/`)}`,
  );
  return Prisma.sql`(${Prisma.join(within, ' OR ')})`;
};

const ofAction = (action: string): Prisma.Sql =>
  /\../.test(action)
    ? Prisma.sql`action = ${action}`
    : startsWith(Prisma.sql`action`, `${action.replace(/\.$/, '')}.`);

// biome-ignore lint/suspicious/noControlCharactersInRegex: the same as in the database's function
const BETWEEN_WORDS = /[\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+/;

const wordsOf = (text: string): string[] => text.split(BETWEEN_WORDS).filter(Boolean);

/** Each of them begins a word of the entry. */
const withWords = (words: readonly string[]): Prisma.Sql => {
  if (words.length === 0) return Prisma.sql`false`;
  return Prisma.sql`"audit_words"("action" || ' ' || "actorName" || ' ' || coalesce("objectName", '') || ' ' || "address")
    @@ to_tsquery('simple', ${words.map((word) => `'${word}':*`).join(' & ')})`;
};

/** By name the index of words leads there: names have none of their own. */
const ofObject = (object: string): Prisma.Sql => {
  const words = wordsOf(object);
  const leads = words.length === 0 ? Prisma.sql`true` : withWords(words);
  return Prisma.sql`("objectId" = ${object} OR ("objectName" = ${object} AND ${leads}))`;
};

/** What a filter asks of a row of "AuditEntry", besides its time. */
export const filterSql = (filter: AuditFilter): Prisma.Sql => {
  const { scope, actor, action, object, outcome, address, search } = filter;
  const tests = [
    !scope.includes('/') && inScope(scope),
    actor && Prisma.sql`"actorName" = ${actor}`,
    action && ofAction(action),
    object && ofObject(object),
    outcome && Prisma.sql`outcome = ${outcome}`,
    // For the index of what was not done, which holds all that people look for so.
    outcome && outcome !== 'done' && Prisma.sql`outcome <> 'done'`,
    address && Prisma.sql`address = ${address}`,
    search && withWords(wordsOf(search)),
  ].filter((test) => test instanceof Prisma.Sql);
  return tests.length === 0 ? Prisma.sql`true` : Prisma.join(tests, ' AND ');
};
