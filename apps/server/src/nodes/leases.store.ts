import type { NodeState } from '@portreeve/domain';
import type { LeaseView } from '@portreeve/planning';
import { recordEvents } from '../activity/events.store.ts';
import { tellReadinessOf } from '../agents/readiness.store.ts';
import { publishChange } from '../live/changes.ts';
import type { Tx } from '../platform/db/database.ts';

type Row = { id: string; name: string; state: string; silentMs: number; leavingInMs: number | null };

/**
 * The leases of every node that can be lost. A connected node that is not quiet is vouched for by the row of its
 * server. Times are told as spans of the database's clock, so that servers' clocks may differ.
 */
export const loadLeases = async (db: Tx, silenceMs: number, now: number): Promise<LeaseView[]> => {
  const rows = await db.$queryRaw<Row[]>`
    SELECT n.id, n.name, n.state,
      1000 * extract(epoch FROM now() - CASE WHEN n."leaseUntil" IS NULL
        THEN coalesce(s."seenAt", now()) ELSE coalesce(n."lastSeenAt", n."joinedAt") END)::float8 AS "silentMs",
      1000 * extract(epoch FROM n."leavingUntil" - now())::float8 AS "leavingInMs"
    FROM "Node" n LEFT JOIN "Server" s ON s.id = n."connectedTo"
    WHERE n."removedAt" IS NULL AND n.state IN ('ready', 'returning')`;
  return rows.map(({ id, name, state, silentMs, leavingInMs }) => ({
    id,
    name,
    state: state as NodeState,
    lastHeardAt: now - silentMs,
    leaseMs: silenceMs,
    ...(leavingInMs !== null && { leavingUntil: now + leavingInMs }),
  }));
};

/**
 * Makes nodes lost, if they have not been heard since they were looked at. What ran there is replaced by whoever
 * reads their state; what they are told when they return no longer has it.
 */
export const loseNodes = async (tx: Tx, nodeIds: readonly string[], silenceMs: number): Promise<string[]> => {
  const lost = await tx.$queryRaw<{ id: string; name: string; projectId: string }[]>`
    UPDATE "Node" SET state = 'lost', "lostAt" = now(), "connectedTo" = NULL, version = version + 1
    WHERE id = ANY(${nodeIds}::uuid[]) AND state IN ('ready', 'returning') AND "leaseUntil" < now()
    RETURNING id, name, "projectId"`;
  if (lost.length === 0) return [];
  await recordEvents(
    tx,
    lost.map(({ id, name, projectId }) => ({
      kind: 'node',
      text: `${name} is lost: its agent was not heard for ${silenceMs / 1_000} s. Its tasks are replaced on other nodes, save those whose data is there.`,
      ok: false,
      nodeId: id,
      projectId,
    })),
  );
  const ids = lost.map(({ id }) => id);
  await publishChange(tx, { kind: 'node', ids });
  await tellReadinessOf(tx, ids);
  return ids;
};

/**
 * Nodes whose server ended without a word are connected to nobody; their leases run from when that server was last
 * seen, or from now where nobody knows.
 */
export const forgetDeadConnections = async (tx: Tx, silenceMs: number): Promise<void> => {
  const freed = await tx.$queryRaw<{ id: string }[]>`
    WITH dead AS (
      SELECT n.id, coalesce(s."seenAt", now()) AS heard FROM "Node" n LEFT JOIN "Server" s ON s.id = n."connectedTo"
      WHERE n."connectedTo" IS NOT NULL
        AND (s.id IS NULL OR s."seenAt" < now() - ${silenceMs / 2}::float8 * interval '1 millisecond')
    )
    UPDATE "Node" n SET "connectedTo" = NULL, "lastSeenAt" = d.heard,
      "leaseUntil" = d.heard + ${silenceMs}::float8 * interval '1 millisecond',
      "lastCloseReason" = 'The server that held the connection ended.'
    FROM dead d WHERE n.id = d.id RETURNING n.id`;
  if (freed.length > 0) await publishChange(tx, { kind: 'node', ids: freed.map(({ id }) => id) });
};
