import type { Database } from '../platform/db/database.ts';
import { isUniqueViolation } from '../platform/db/errors.ts';
import type { Log } from '../platform/log.ts';
import type { LoopOptions } from '../platform/loop.ts';
import { chainEnd, SEALED_AT_ONCE, sealBatch } from './seal.store.ts';

/** Seals what was committed, and says the chain's end in the log: kept elsewhere, it shows that a tail was cut off. */
export const auditSealing = (database: Database, log: Log): LoopOptions => ({
  name: 'audit seal',
  everyMs: 800,
  run: async () => {
    try {
      let sealed: number;
      let any = false;
      do {
        sealed = await sealBatch(database);
        any ||= sealed > 0;
      } while (sealed === SEALED_AT_ONCE);
      if (any) log.info(await chainEnd(database), 'audit sealed up to here');
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
    }
  },
});
