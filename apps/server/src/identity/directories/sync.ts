import type { DirectoryRunView, SyncCounts } from '@portreeve/contract';
import {
  allowanceOf,
  type DirectoryPlan,
  type DirectorySnapshot,
  planDirectory,
  type SyncAllowance,
  type SyncHold,
} from '@portreeve/planning';
import { recordAudit } from '../../audit/audit.store.ts';
import type { Database, Tx } from '../../platform/db/database.ts';
import type { RequestContext } from '../../platform/http/context.ts';
import type { ClusterKeys } from '../../platform/keys/cluster-key.ts';
import { withConnection } from './connection.ts';
import {
  type DirectoryRow,
  keepMark,
  type Mark,
  type RuleRow,
  reachOf,
  requireUnchanged,
  rulesOf,
} from './directories.store.ts';
import { activeKeys, applyPlan, knownPeople, membershipsBeside } from './people.store.ts';
import { inWords } from './problem.ts';
import { type Reading, readChanges, readEverything } from './reading.ts';
import {
  beginRun,
  endRun,
  forgetOldRuns,
  forgetRun,
  getRun,
  linesOf,
  NO_COUNTS,
  type RunKind,
  type RunLine,
  runBefore,
  runView,
} from './runs.store.ts';

export type SyncDeps = { database: Database; keys: ClusterKeys };
/** How a run was asked for; `allowance` is a person's yes to a held one. */
export type SyncWish = { kind: RunKind; ctx: RequestContext; startedBy: string; allowance?: SyncAllowance };
export type Planned = {
  reading: Reading;
  snapshot: DirectorySnapshot;
  plan: DirectoryPlan;
  rules: RuleRow[];
};

/** However large a directory is: a sync that takes longer is cut off, and ends nobody. */
const LONGEST_SYNC_MS = 120_000;
const NAMED_IN_AUDIT = 100;

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

const summary = (counts: SyncCounts): string => {
  const parts = Object.entries(counts).filter(([name, count]) => name !== 'read' && count > 0);
  return parts.length === 0
    ? 'Nothing to change.'
    : `${parts.map(([name, count]) => `${count} ${name}`).join(', ')}.`;
};
const hasChanges = (counts: SyncCounts): boolean =>
  Object.entries(counts).some(([name, count]) => name !== 'read' && count > 0);

const namesIn = ({ snapshot, plan, rules }: Planned) => {
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

/** Nothing is held any more once a full reading went through; one that is held takes the place of the one before. */
const settle = async (
  { database }: SyncDeps,
  tx: Tx,
  directory: DirectoryRow,
  runId: string,
  { planned, wish, now }: { planned: Planned; wish: SyncWish; now: Date },
): Promise<void> => {
  await requireUnchanged(tx, directory);
  const { reading, plan, rules } = planned;
  const counts = countsOf(planned);
  const at = now.toISOString();
  const log: RunLine[] = reading.lines.map((text) => ({ at, text }));
  const { kind } = reading;
  if (plan.held.length > 0) {
    const teams = teamNames(rules);
    for (const hold of plan.held) log.push({ at, text: holdText(hold, teams) });
    log.push({ at, text: 'It stopped and waits for a yes: nothing was changed.' });
    const allowance = allowanceOf(plan);
    await endRun(tx, runId, { kind, outcome: 'held', counts: { ...counts, allowance }, log, now });
    if (directory.heldRunId) await forgetRun(tx, directory.heldRunId);
    await keepMark(tx, directory.id, { heldRunId: runId });
    await database.announce(tx, 'directory', [directory.id]);
    return;
  }
  await applyPlan(database, tx, directory, plan, now);
  const isFull = kind === 'full';
  await keepMark(tx, directory.id, {
    mark: { ...reading.mark, at },
    ...(isFull ? { lastFullAt: now, heldRunId: null } : {}),
  });
  if (isFull && directory.heldRunId) await forgetRun(tx, directory.heldRunId);
  if (hasChanges(counts)) {
    await recordAudit(tx, wish.ctx, {
      action: 'directory.sync',
      object: { kind: 'directory', id: directory.id, name: directory.name },
      detail: { kind, counts, ...namesIn(planned) },
    });
  }
  if (!hasChanges(counts) && !isFull && wish.ctx.subject.kind === 'system') return forgetRun(tx, runId);
  log.push({ at, text: summary(counts) });
  await endRun(tx, runId, { kind, outcome: 'done', counts, log, now });
  if (isFull) await forgetOldRuns(tx, directory.id);
  await database.announce(tx, 'directory', [directory.id]);
};

/** A directory that is away for hours fails each minute in the same way: that is told once. */
const fail = async (
  { database }: SyncDeps,
  directory: DirectoryRow,
  runId: string,
  { wish, error }: { wish: SyncWish; error: unknown },
): Promise<void> => {
  const now = new Date();
  const text = `Nothing was changed: ${inWords(error)}`;
  await database.transaction(async (tx) => {
    const before = await runBefore(tx, directory.id, runId);
    if (before?.outcome === 'failed' && linesOf(before).at(-1)?.text === text) {
      await forgetRun(tx, before.id);
    }
    await endRun(tx, runId, {
      ...{ kind: wish.kind, outcome: 'failed', counts: NO_COUNTS, now },
      log: [{ at: now.toISOString(), text }],
    });
    await database.announce(tx, 'directory', [directory.id]);
  });
};

/**
 * One sync: read, plan, carry out, all or nothing. An answer that fails or is cut short changes nothing; what would
 * take too much away waits. Returns the run, or undefined where there was nothing to tell.
 */
export const runSync = async (
  deps: SyncDeps,
  directory: DirectoryRow,
  wish: SyncWish,
): Promise<DirectoryRunView | undefined> => {
  const { database } = deps;
  const began = { kind: wish.kind, startedBy: wish.startedBy, now: new Date() };
  const runId = await beginRun(database, directory.id, began);
  try {
    const planned = await planSync(deps, directory, wish.kind, wish.allowance);
    await database.transaction(
      (tx) => settle(deps, tx, directory, runId, { planned, wish, now: new Date() }),
      { timeoutMs: 60_000 },
    );
  } catch (error) {
    await fail(deps, directory, runId, { wish, error });
  }
  return getRun(database.prisma, directory.id, runId).then(runView, () => undefined);
};
