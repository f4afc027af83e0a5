import type { Tx } from '../platform/db/database.ts';

/** Revisions without their environments. */
export const revisionRows = (db: Tx, ids: string[]) =>
  db.revision.findMany({
    where: { id: { in: ids } },
    select: { id: true, serviceId: true, number: true, spec: true, pin: true, filePins: true },
  });
