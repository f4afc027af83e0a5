import {
  type DirectoryPlan,
  type DirectorySnapshot,
  planDirectory,
  type SyncAllowance,
} from '@portreeve/planning';
import type { Database } from '../../platform/db/database.ts';
import type { ClusterKeys } from '../../platform/keys/cluster-key.ts';
import { withConnection } from './connection.ts';
import { type DirectoryRow, type Mark, type RuleRow, reachOf, rulesOf } from './directories.store.ts';
import { activeKeys, knownPeople, membershipsBeside } from './people.store.ts';
import { type Reading, readChanges, readEverything } from './reading.ts';
import type { RunKind } from './runs.store.ts';

export type SyncDeps = { database: Database; keys: ClusterKeys };
export type Planned = {
  reading: Reading;
  snapshot: DirectorySnapshot;
  plan: DirectoryPlan;
  rules: RuleRow[];
};

/** However large a directory is: a sync that takes longer is cut off, and ends nobody. */
const LONGEST_SYNC_MS = 120_000;

const readDirectory = async (
  { database, keys }: SyncDeps,
  directory: DirectoryRow,
  rules: RuleRow[],
  kind: RunKind,
): Promise<Reading> => {
  const reach = reachOf(directory, keys);
  const { configuration } = reach;
  const mark = directory.mark as Mark | null;
  const db = database.prisma;
  return withConnection(reach, performance.now() + LONGEST_SYNC_MS, async (connection) => {
    const before =
      kind === 'increment' && mark
        ? {
            mark,
            known: await knownPeople(db, directory, []),
            active: await activeKeys(db, directory.id, new Date()),
          }
        : undefined;
    const changes = before && (await readChanges(connection, configuration, rules, before));
    return changes ?? readEverything(connection, configuration, rules);
  });
};

/** Reads the directory and says what follows; changes nothing. */
export const planSync = async (
  deps: SyncDeps,
  directory: DirectoryRow,
  kind: RunKind,
  allowance?: SyncAllowance,
): Promise<Planned> => {
  const db = deps.database.prisma;
  const rules = await rulesOf(db, directory.id);
  const reading = await readDirectory(deps, directory, rules, kind);
  const { configuration } = reachOf(directory, deps.keys);
  const snapshot: DirectorySnapshot = {
    ...{ seen: reading.seen, judged: reading.judged, rules: reading.rules },
    known: await knownPeople(db, directory, reading.seen),
    memberships: await membershipsBeside(db, directory.id),
    createAccounts: configuration.accounts === 'by-sync',
  };
  return { reading, snapshot, rules, plan: planDirectory(snapshot, configuration.guard, allowance) };
};
