import type { Database } from '../platform/db/database.ts';
import { isUniqueViolation } from '../platform/db/errors.ts';
import type { LoopOptions } from '../platform/loop.ts';
import { SEALED_AT_ONCE, sealBatch } from './seal.store.ts';

export const auditSealing = (database: Database): LoopOptions => ({
  name: 'audit seal',
  everyMs: 800,
  run: async () => {
    try {
      while ((await sealBatch(database)) === SEALED_AT_ONCE);
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
    }
  },
});
