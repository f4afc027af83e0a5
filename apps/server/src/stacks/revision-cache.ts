import type { ImagePin, ServiceSpec } from '@portreeve/domain';
import { LRUCache } from 'lru-cache';
import type { Tx } from '../platform/db/database.ts';
import { revisionRows } from './revision-rows.store.ts';
import type { FilePin } from './rows.ts';

/** A revision without its environment, which only desired documents and their readers need. */
export type RevisionData = {
  id: string;
  serviceId: string;
  number: number;
  spec: ServiceSpec;
  pin: ImagePin;
  filePins: FilePin[];
};
export type RevisionCache = (db: Tx, ids: Iterable<string>) => Promise<ReadonlyMap<string, RevisionData>>;

/** Revisions never change, so each is read and parsed once per process. */
export const createRevisionCache = (max = 2_000): RevisionCache => {
  const known = new LRUCache<string, RevisionData>({ max });
  return async (db, ids) => {
    const wanted = [...new Set(ids)];
    const missing = wanted.filter((id) => !known.has(id));
    const found = new Map(
      wanted.flatMap((id) => {
        const one = known.get(id);
        return one ? [[id, one] as const] : [];
      }),
    );
    if (missing.length === 0) return found;
    const rows = await revisionRows(db, missing);
    for (const row of rows) {
      const data: RevisionData = {
        ...row,
        spec: row.spec as ServiceSpec,
        pin: row.pin as ImagePin,
        filePins: row.filePins as FilePin[],
      };
      known.set(row.id, data);
      found.set(row.id, data);
    }
    return found;
  };
};
