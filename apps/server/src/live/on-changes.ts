import type { Change } from '@portreeve/contract';
import { CHANGES_CHANNEL, type Database } from '../platform/db/database.ts';
import { parseChange } from './changes.ts';

/** Calls `handler` for every change anywhere; with undefined when some may have been missed. Returns what ends it. */
export const onChanges = (
  { database }: { database: Database },
  handler: (change: Change | undefined) => void,
): (() => void) =>
  database.listen(CHANGES_CHANNEL, (payload) => {
    if (payload === null) return handler(undefined);
    const change = parseChange(payload);
    if (change) handler(change);
  });
