import type { DirectoryRunView, SyncCounts } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import type { SyncAllowance } from '@portreeve/planning';
import { v7 as uuid } from 'uuid';
import type { Database, Tx } from '../../platform/db/database.ts';
import { Prisma } from '../../platform/db/generated/client.ts';
import { type PageQuery, pageOfRows } from '../../platform/db/page-of-rows.ts';

type Db = Tx | Database['prisma'];
export type RunLine = { at: string; text: string };
export type RunKind = 'full' | 'increment';
export type RunOutcome = 'done' | 'failed' | 'held';
/** What is kept of a run besides its counts: what a yes to a held one allows. */
export type RunCounts = SyncCounts & { allowance?: SyncAllowance };
export type RunRow = {
  id: string;
  kind: string;
  outcome: string;
  startedAt: Date;
  endedAt: Date | null;
  startedBy: string;
  counts: unknown;
  log: unknown;
};

export const NO_COUNTS: SyncCounts = {
  ...{ read: 0, created: 0, changed: 0, joined: 0, left: 0, disabled: 0, enabled: 0 },
};
/** A server that died in a run leaves it running for so long. */
const LONGEST_RUN_MS = 300_000;
const KEPT_RUNS = 200;

export const linesOf = ({ log }: Pick<RunRow, 'log'>): RunLine[] =>
  (Array.isArray(log) ? log : []) as RunLine[];
const countsOf = ({ counts }: Pick<RunRow, 'counts'>): SyncCounts => ({
  ...NO_COUNTS,
  ...(counts as Partial<SyncCounts>),
});
export const allowanceIn = ({ counts }: Pick<RunRow, 'counts'>): SyncAllowance | undefined =>
  (counts as Partial<RunCounts>).allowance;

export const runView = (row: RunRow): DirectoryRunView => ({
  id: row.id,
  kind: row.kind as DirectoryRunView['kind'],
  outcome: row.outcome as DirectoryRunView['outcome'],
  startedAt: row.startedAt.toISOString(),
  endedAt: row.endedAt?.toISOString() ?? null,
  startedBy: row.startedBy,
  counts: countsOf(row),
  text: linesOf(row).at(-1)?.text ?? '',
});

/** One run of a directory at a time, on whichever server. Throws `conflict.state` while another one is under way. */
export const beginRun = async (
  database: Database,
  directoryId: string,
  { kind, startedBy, now }: { kind: RunKind; startedBy: string; now: Date },
): Promise<string> =>
  database.transaction(async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`directory-run ${directoryId}`}, 0))`;
    const dead = new Date(now.getTime() - LONGEST_RUN_MS);
    await tx.directoryRun.updateMany({
      where: { directoryId, outcome: 'running', startedAt: { lt: dead } },
      data: {
        ...{ outcome: 'failed', endedAt: now },
        log: [{ at: now.toISOString(), text: 'The server that ran it ended.' }],
      },
    });
    if ((await tx.directoryRun.count({ where: { directoryId, outcome: 'running' } })) > 0)
      throw new DomainError('conflict.state', 'A sync of this directory is under way.', {
        hint: 'Look at it in a moment, or start again when it has ended.',
      });
    const id = uuid();
    await tx.directoryRun.create({ data: { id, directoryId, kind, startedBy, startedAt: now } });
    return id;
  });

export const endRun = async (
  tx: Tx,
  id: string,
  ended: { kind: RunKind; outcome: RunOutcome; counts: RunCounts; log: RunLine[]; now: Date },
): Promise<void> => {
  const { kind, outcome, counts, log, now } = ended;
  await tx.directoryRun.update({
    where: { id },
    data: { kind, outcome, counts: counts as object, log, endedAt: now },
  });
};

/** A run of which there is nothing to tell: the hundreds of a day would hide the others. */
export const forgetRun = async (tx: Tx, id: string): Promise<void> => {
  await tx.directoryRun.deleteMany({ where: { id } });
};

/** The run before this one. */
export const runBefore = async (tx: Tx, directoryId: string, id: string): Promise<RunRow | null> =>
  tx.directoryRun.findFirst({
    where: { directoryId, id: { not: id }, outcome: { not: 'running' } },
    orderBy: [{ startedAt: 'desc' }, { id: 'desc' }],
  });

export const forgetOldRuns = async (tx: Tx, directoryId: string): Promise<void> => {
  await tx.$executeRaw`
    DELETE FROM "DirectoryRun" WHERE "directoryId" = ${directoryId}::uuid AND outcome <> 'held' AND id NOT IN (
      SELECT id FROM "DirectoryRun" WHERE "directoryId" = ${directoryId}::uuid
      ORDER BY "startedAt" DESC, id DESC LIMIT ${KEPT_RUNS})`;
};

/** Throws `not-found`. */
export const getRun = async (db: Db, directoryId: string, id: string): Promise<RunRow> => {
  const row = await db.directoryRun.findFirst({ where: { id, directoryId } });
  if (row) return row;
  throw new DomainError('not-found', 'There is no such sync.');
};

export const findRun = (db: Db, id: string): Promise<RunRow | null> =>
  db.directoryRun.findUnique({ where: { id } });

export const lastRun = (db: Db, directoryId: string): Promise<RunRow | null> =>
  db.directoryRun.findFirst({ where: { directoryId }, orderBy: [{ startedAt: 'desc' }, { id: 'desc' }] });

export const pageOfRuns = (database: Database, directoryId: string, query: PageQuery) =>
  pageOfRows<RunRow>(
    database.prisma,
    {
      rows: Prisma.sql`SELECT id, kind, outcome, "startedAt", "endedAt", "startedBy", counts, log
        FROM "DirectoryRun" WHERE "directoryId" = ${directoryId}::uuid`,
      search: ['kind', 'outcome', 'startedBy'],
      sorts: {
        startedAt: ['startedAt', 'timestamptz'],
        kind: ['kind', 'text'],
        outcome: ['outcome', 'text'],
      },
      usual: ['startedAt', 'desc'],
    },
    query,
  );
