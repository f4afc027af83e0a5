import { v7 as uuid } from 'uuid';
import { publishChange } from '../live/changes.ts';
import type { Tx } from '../platform/db/database.ts';

type Alarm = {
  kind: string;
  /** One open alarm per key. */
  key: string;
  severity: 'warning' | 'critical';
  message: string;
  hint: string;
  nodeId?: string;
};

/** Key of the alarm that a node's agent broke the protocol. */
export const violationKey = (nodeId: string): string => `agent-violation:${nodeId}`;

/** Opens an alarm unless it is open already; true when it was not. One of a node is its project's to see and to end. */
export const openAlarm = async (tx: Tx, alarm: Alarm): Promise<boolean> => {
  const { kind, key, severity, message, hint, nodeId } = alarm;
  const id = uuid();
  const opened = await tx.$executeRaw`
    INSERT INTO "Alert" (id, kind, key, severity, message, hint, "objectKind", "objectId", "projectId", since)
    VALUES (${id}::uuid, ${kind}, ${key}, ${severity}, ${message}, ${hint}, ${nodeId ? 'node' : null},
      ${nodeId ?? null}::uuid, (SELECT "projectId" FROM "Node" WHERE id = ${nodeId ?? null}::uuid), now())
    ON CONFLICT DO NOTHING`;
  if (opened > 0) await publishChange(tx, { kind: 'alert', ids: [id] });
  return opened > 0;
};

/** Ends the open alarm with this key, if there is one. */
export const closeAlarm = async (tx: Tx, key: string): Promise<void> => {
  const { count } = await tx.alert.updateMany({
    where: { key, endedAt: null },
    data: { endedAt: new Date() },
  });
  if (count > 0) await publishChange(tx, { kind: 'alert', ids: [] });
};
