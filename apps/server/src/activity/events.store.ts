import { v7 as uuid } from 'uuid';
import { publishChange } from '../live/changes.ts';
import type { Tx } from '../platform/db/database.ts';
import type { Prisma } from '../platform/db/generated/client.ts';

/** A line of the timeline: intent → command → engine call → exit → health. */
export type NewEvent = Omit<Prisma.EventCreateManyInput, 'id' | 'at'> & { at?: Date };

/** Adds lines to the timeline, in the transaction of what they tell. */
export const recordEvents = async (tx: Tx, events: readonly NewEvent[]): Promise<void> => {
  if (events.length === 0) return;
  const at = new Date();
  await tx.event.createMany({ data: events.map((event) => ({ at, ...event, id: uuid() })) });
  const ids = events.flatMap(({ stackId, serviceId, taskId, nodeId }) =>
    [stackId, serviceId, taskId, nodeId].flatMap((id) => id ?? []),
  );
  await publishChange(tx, { kind: 'event', ids: [...new Set(ids)] });
};
