import type { Report } from '@portreeve/agent-protocol';
import { v7 as uuid } from 'uuid';
import { changePayloads } from '../live/changes.ts';
import { CHANGES_CHANNEL, type Tx } from '../platform/db/database.ts';
import type { Prisma } from '../platform/db/generated/client.ts';
import type { TaskNetwork } from '../stacks/rows.ts';
import { AGENTS_CHANNEL, agentPayload } from './channel.ts';
import { raiseGenerations } from './generation.store.ts';
import { ownTask, storyLines, type TimelineLine, toldLines } from './report-lines.ts';
import { planReport, type StoredTask, type TaskUpdate } from './report-plan.ts';

type Row = Omit<StoredTask, 'networkIds'> & { networks: TaskNetwork[]; projectId: string };

/** The reported tasks, and for a complete report what else of the node is not final; locked until the end. */
const lockTasks = async (tx: Tx, nodeId: string, ids: string[], complete: boolean): Promise<Row[]> =>
  tx.$queryRaw<Row[]>`
    SELECT t.id, t."nodeId", t."serviceId", s."stackId", st."projectId", t.desired, t.state, t.ready,
      t."imageReady", t.attempts, t.reason, t."restartAt", t."containerId", t.networks
    FROM "Task" t JOIN "Service" s ON s.id = t."serviceId" JOIN "Stack" st ON st.id = s."stackId"
    WHERE t.id = ANY(${ids}::uuid[]) OR (${complete} AND t."nodeId" = ${nodeId}::uuid
      AND t.state NOT IN ('complete', 'stopped', 'failed', 'rejected', 'lost'))
    ORDER BY t.id FOR UPDATE OF t`;

type Changes = {
  updates: readonly TaskUpdate[];
  lines: readonly TimelineLine[];
  /** Who hears of it when it is committed: [channel, payload]. */
  notices: readonly (readonly [string, string])[];
};

/** Tasks, timeline and whoever waits for them in one statement: a deploy is mostly reports. */
const storeChanges = async (tx: Tx, { updates, lines, notices }: Changes): Promise<void> => {
  if (updates.length + lines.length + notices.length === 0) return;
  const channels = notices.map(([channel]) => channel);
  const payloads = notices.map(([, payload]) => payload);
  await tx.$executeRaw`
    WITH updated AS (
      UPDATE "Task" t SET
        state = u.state,
        "stateAt" = CASE WHEN u.moved OR u."imageReady" AND NOT t."imageReady" THEN now() ELSE t."stateAt" END,
        ready = u.ready,
        "readyAt" = CASE WHEN u.ready AND u."readyChanged" THEN now() ELSE t."readyAt" END,
        "firstReadyAt" = CASE WHEN u.ready THEN coalesce(t."firstReadyAt", now()) ELSE t."firstReadyAt" END,
        "unreadyAt" = CASE WHEN u.ready THEN NULL WHEN u."readyChanged" THEN now() ELSE t."unreadyAt" END,
        "imageReady" = u."imageReady",
        attempts = u.attempts,
        reason = u.reason,
        "restartAt" = u."restartAt",
        "containerId" = u."containerId",
        "startedAt" = CASE WHEN u.state = 'running' THEN coalesce(t."startedAt", now()) ELSE t."startedAt" END,
        "endedAt" = CASE WHEN u.state IN ('complete', 'stopped', 'failed', 'rejected', 'lost')
          THEN coalesce(t."endedAt", now()) ELSE t."endedAt" END
      FROM jsonb_to_recordset(${JSON.stringify(updates)}::jsonb) AS u(id uuid, state text, moved boolean, ready boolean,
        "readyChanged" boolean, "imageReady" boolean, attempts int, reason text, "restartAt" timestamptz,
        "containerId" text)
      WHERE t.id = u.id
    ), told AS (
      INSERT INTO "Event" (id, at, kind, text, ok, data, "nodeId", "taskId", "serviceId", "stackId", "projectId")
      SELECT id, at, kind, text, ok, data, "nodeId", "taskId", "serviceId", "stackId", "projectId"
      FROM jsonb_to_recordset(${JSON.stringify(lines)}::jsonb) AS l(id uuid, at timestamptz, kind text, text text,
        ok boolean, data jsonb, "nodeId" uuid, "taskId" uuid, "serviceId" uuid, "stackId" uuid, "projectId" uuid)
      ON CONFLICT DO NOTHING
    )
    SELECT pg_notify(channel, payload) FROM unnest(${channels}::text[], ${payloads}::text[]) AS n(channel, payload)`;
};

/** Rollouts and alarms compare when an attempt ended with moments of ours; the record keeps what the host's clock said. */
const byOurClock = (at: string, clockSkewMs: number): Date =>
  new Date(Math.min(Date.parse(at) - clockSkewMs, Date.now()));

const storeExits = async (
  tx: Tx,
  exits: Report['exits'],
  mine: ReadonlySet<string>,
  clockSkewMs: number,
): Promise<void> => {
  const data = exits
    .filter(({ taskId }) => mine.has(taskId))
    .map(({ taskId, record }) => ({
      id: uuid(),
      taskId,
      attempt: record.attempt,
      record: record as Prisma.InputJsonObject,
      endedAt: byOurClock(record.endedAt, clockSkewMs),
    }));
  if (data.length > 0) await tx.taskExit.createMany({ data, skipDuplicates: true });
};

const projectOfNode = async (tx: Tx, id: string): Promise<string> =>
  (await tx.node.findUniqueOrThrow({ where: { id }, select: { projectId: true } })).projectId;

type StoredReport = { foreign: string[]; unwanted: string[] };

/**
 * Stores a report whole or not at all: one statement for its tasks and events, one for its exits. Who waits for any of
 * it hears when it is committed. `clockSkewMs` is how far the host's clock is ahead of ours.
 */
export const storeReport = async (
  tx: Tx,
  nodeId: string,
  report: Report,
  clockSkewMs: number,
  /** Earlier reports of this connection told of tasks that are unwanted and still there. */
  stillUnwanted: boolean,
): Promise<StoredReport> => {
  const ids = new Set([
    ...report.tasks.map(({ taskId }) => taskId),
    ...report.exits.map(({ taskId }) => taskId),
    ...report.events.flatMap(({ taskId }) => taskId ?? []),
  ]);
  const found = await lockTasks(tx, nodeId, [...ids], report.complete);
  const rows = new Map(found.map((row) => [row.id, row]));
  const stored = found.map((row) => ({ ...row, networkIds: row.networks.map(({ networkId }) => networkId) }));
  const plan = planReport(nodeId, stored, report);
  if (plan.foreign.length > 0) return { foreign: plan.foreign, unwanted: [] };

  const mine = new Set(found.filter((row) => row.nodeId === nodeId).map(({ id }) => id));
  await storeExits(tx, report.exits, mine, clockSkewMs);
  // Said once per connection, so that an agent that is slow to stop is not told over and over.
  if (report.complete && (stillUnwanted || plan.unwanted.length > 0))
    await raiseGenerations(tx, { nodeIds: [nodeId] });

  const taskOf = (id: string) => rows.get(id);
  const ofHost = report.events.some(({ taskId }) => !ownTask({ nodeId, taskOf }, taskId));
  const teller = { nodeId, taskOf, hostProjectId: ofHost ? await projectOfNode(tx, nodeId) : undefined };
  const lines = [...toldLines(teller, report.events), ...storyLines(teller, plan.updates, new Date())];
  const touched = [
    ...new Set([...plan.updates.map(({ id }) => id), ...report.exits.map(({ taskId }) => taskId)]),
  ];
  const changes = changePayloads(
    ...(touched.length > 0 ? [{ kind: 'task' as const, ids: relatedIds(touched, rows, nodeId) }] : []),
    ...(lines.length > 0 ? [{ kind: 'event' as const, ids: [nodeId] }] : []),
  );
  const readiness = { kind: 'readiness' as const, networkIds: plan.readinessOn };
  await storeChanges(tx, {
    updates: plan.updates,
    lines,
    notices: [
      ...(plan.readinessOn.length > 0 ? [[AGENTS_CHANNEL, agentPayload(readiness)] as const] : []),
      ...changes.map((payload) => [CHANGES_CHANNEL, payload] as const),
    ],
  });
  return { foreign: [], unwanted: plan.unwanted };
};

/** The tasks with their services, stacks and host: the pages that show them. */
const relatedIds = (taskIds: readonly string[], rows: ReadonlyMap<string, Row>, nodeId: string): string[] => [
  ...new Set([
    nodeId,
    ...taskIds.flatMap((id) => {
      const row = rows.get(id);
      return row ? [id, row.serviceId, row.stackId] : [];
    }),
  ]),
];
