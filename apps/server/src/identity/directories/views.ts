import { DirectoryConfiguration, type DirectoryView } from '@portreeve/contract';
import type { Database } from '../../platform/db/database.ts';
import { configurationOf, type DirectoryRow, peopleIn } from './directories.store.ts';
import { findRun, lastRun, runView } from './runs.store.ts';

/** A directory as pages show it: everything but the password. */
export const viewOf = async (database: Database, row: DirectoryRow): Promise<DirectoryView> => {
  const db = database.prisma;
  const [people, last, held] = await Promise.all([
    peopleIn(db, row.id),
    lastRun(db, row.id),
    row.heldRunId ? findRun(db, row.heldRunId) : null,
  ]);
  return {
    ...{ id: row.id, name: row.name, position: row.position, enabled: row.enabled, people },
    configuration: configurationOf(row),
    hasPassword: row.sealedPassword !== null,
    previous: DirectoryConfiguration.nullable().catch(null).parse(row.previous),
    lastFullAt: row.lastFullAt?.toISOString() ?? null,
    lastRun: last && runView(last),
    held: held && runView(held),
    version: row.version,
    createdAt: row.createdAt.toISOString(),
  };
};
