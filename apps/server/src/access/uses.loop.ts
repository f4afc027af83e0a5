import type { Database } from '../platform/db/database.ts';
import type { LoopOptions } from '../platform/loop.ts';
import { keepUses } from './uses.store.ts';
import { returnUses, takeUses } from './uses.ts';

const EVERY_MS = 30_000;
const BATCH = 2_000;

/** Writes what was used through which grant; run once more at the end, so that a server that stops forgets nothing. */
export const useKeeping = (database: Database): LoopOptions => ({
  name: 'grant uses',
  everyMs: EVERY_MS,
  leaderOnly: false,
  run: async () => {
    for (let uses = takeUses(BATCH); uses.length > 0; uses = takeUses(BATCH)) {
      await keepUses(database.prisma, uses).catch((error: unknown) => {
        returnUses(uses);
        throw error;
      });
    }
  },
});
