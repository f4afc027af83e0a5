import { join } from 'node:path';
import { DomainError } from '@portreeve/domain';
import { publishChange } from '../live/changes.ts';
import { readSettings } from '../platform/cluster/settings.store.ts';
import type { Database } from '../platform/db/database.ts';
import { systemContext } from '../platform/http/context.ts';
import type { LoopOptions } from '../platform/loop.ts';
import { writeArchive } from './archive-file.ts';
import { archiveMonth, forgetArchived, lastSealBefore } from './archives.store.ts';
import { recordAudit } from './audit.store.ts';
import { FIRST_HASH } from './chain.ts';
import { leastSent } from './forwards.store.ts';
import { monthAfter, monthsHere } from './partitions.store.ts';
import { archivedTo } from './verify.store.ts';

const FORGOTTEN_AT_ONCE = 20_000;
/** The owner's function looks through a month before it takes it. */
const ARCHIVE_TIMEOUT_MS = 60_000;

/** Below the data folder. */
export const archiveFolder = (dataFolder: string): string => join(dataFolder, 'audit');

/** Whether a month has ended so long ago that it is to go. */
const isOver = (month: Date, keepMonths: number, now: Date): boolean => {
  const gone = new Date(monthAfter(month));
  gone.setUTCMonth(gone.getUTCMonth() + keepMonths);
  return gone <= now;
};

/** Writes out the oldest month, if it is to go: true when it went. */
export const archiveOldest = async (
  database: Database,
  dataFolder: string,
  server: string,
  now: Date,
): Promise<boolean> => {
  const { prisma } = database;
  const { auditKeepMonths } = await readSettings(prisma);
  const [month] = await monthsHere(prisma);
  if (auditKeepMonths === 0 || !month || !isOver(month, auditKeepMonths, now)) return false;
  const start = (await archivedTo(prisma)) ?? { sequence: 0n, hash: FIRST_HASH };
  const found = await lastSealBefore(prisma, monthAfter(month));
  const last = found && found.sequence > start.sequence ? found : start;
  const behind = await leastSent(prisma);
  if (behind && behind.sequence < last.sequence)
    throw new DomainError('conflict.state', `${behind.name} has not got all that would be archived.`, {
      hint: 'Mend it, hold it, or remove it.',
    });
  const written = await writeArchive(prisma, archiveFolder(dataFolder), month, start, last);
  await database.transaction(
    async (tx) => {
      await archiveMonth(tx, month, server, written);
      await recordAudit(tx, systemContext('audit archive'), {
        action: 'audit.archive',
        object: { kind: 'audit', name: written.file },
        projectPath: '/',
        detail: { sha256: written.sha256, first: String(written.first), last: String(last.sequence) },
      });
      await publishChange(tx, { kind: 'settings', ids: [] });
    },
    { timeoutMs: ARCHIVE_TIMEOUT_MS },
  );
  return true;
};

/** Months that the settings let go are written out, one after the other, and then forgotten here. */
export const auditArchiving = (
  database: Database,
  dataFolder: string,
  server: () => string,
): LoopOptions => ({
  name: 'audit archive',
  everyMs: 3_600_000,
  run: async (now) => {
    while (await archiveOldest(database, dataFolder, server(), now));
    while ((await forgetArchived(database.prisma, FORGOTTEN_AT_ONCE)) > 0);
  },
});
