import type { DirectoryRunView } from '@portreeve/contract';
import { allowanceOf, type SyncAllowance } from '@portreeve/planning';
import { recordAudit } from '../../audit/audit.store.ts';
import type { Tx } from '../../platform/db/database.ts';
import type { RequestContext } from '../../platform/http/context.ts';
import { type DirectoryRow, keepHeard, keepMark, requireUnchanged } from './directories.store.ts';
import { applyPlan } from './people.store.ts';
import { type Planned, planSync, type SyncDeps } from './plan-sync.ts';
import { inWords } from './problem.ts';
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
import { countsOf, hasChanges, holdText, namesIn, summary, teamNames } from './sync-words.ts';

/** How a run was asked for; `allowance` is a person's yes to a held one. */
export type SyncWish = { kind: RunKind; ctx: RequestContext; startedBy: string; allowance?: SyncAllowance };

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
    await keepHeard(tx, directory.id, at);
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
  const isDull = !hasChanges(counts) && !isFull && wish.ctx.subject.kind === 'system';
  // After one that failed it tells that the directory is there again.
  if (isDull && (await runBefore(tx, directory.id, runId))?.outcome !== 'failed') return forgetRun(tx, runId);
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
