import type { Database } from '../platform/db/database.ts';
import type { Log } from '../platform/log.ts';
import type { LoopOptions } from '../platform/loop.ts';
import { makePartitions } from './partitions.store.ts';
import { chainEnd, SEALED_AT_ONCE, sealBatch } from './seal.store.ts';

/** Seals what was committed, and says the chain's end in the log: kept elsewhere, it shows that a tail was cut off. */
export const auditSealing = (database: Database, log: Log): LoopOptions => ({
  name: 'audit seal',
  everyMs: 800,
  run: async () => {
    let sealed: number;
    let any = false;
    do {
      sealed = await sealBatch(database);
      any ||= sealed > 0;
    } while (sealed === SEALED_AT_ONCE);
    if (any) log.info(await chainEnd(database), 'audit sealed up to here');
  },
});

/** Keeps the months ahead made: an entry of a month that is not there could not be written, nor what it tells of done. */
export const auditMonths = (database: Database): LoopOptions => ({
  name: 'audit months',
  everyMs: 3_600_000,
  leaderOnly: false,
  run: () => makePartitions(database.prisma),
});
