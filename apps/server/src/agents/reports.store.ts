import { createHash } from 'node:crypto';
import type { AgentEvent, Report } from '@portreeve/agent-protocol';
import type { TaskState } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { publishChange } from '../live/changes.ts';
import type { Tx } from '../platform/db/database.ts';
import type { Prisma } from '../platform/db/generated/client.ts';
import type { TaskNetwork } from '../stacks/rows.ts';
import { signalAgents } from './channel.ts';
import { raiseGenerations } from './generation.store.ts';
import { planReport, type ReportPlan, type StoredTask, type TaskUpdate } from './report-plan.ts';

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

const updateTasks = async (tx: Tx, updates: readonly TaskUpdate[]): Promise<void> => {
  if (updates.length === 0) return;
  await tx.$executeRaw`
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
    WHERE t.id = u.id`;
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

/** The same line told twice gets the same id, so that a lost acknowledgement doubles nothing (SPEC.md, R1). */
const eventId = (nodeId: string, event: AgentEvent, index: number): string => {
  const content = JSON.stringify([
    nodeId,
    event.at,
    event.kind,
    event.taskId,
    event.text,
    event.durationMs,
    index,
  ]);
  const random = createHash('sha256').update(content).digest().subarray(0, 16);
  return uuid({ msecs: Date.parse(event.at), random, seq: random.readUInt32BE(0) >>> 1 });
};

const STORIES: Partial<Record<TaskState, string>> = {
  running: 'started',
  complete: 'completed',
  stopped: 'stopped',
  failed: 'failed',
  rejected: 'was rejected by its host',
};

const storyOf = (update: TaskUpdate): string | undefined => {
  if (update.moved && STORIES[update.state])
    return `The task ${STORIES[update.state]}${update.reason ? `: ${update.reason}` : '.'}`;
  if (!update.readyChanged) return undefined;
  return update.ready
    ? 'The task is ready.'
    : `The task is no longer ready${update.reason ? `: ${update.reason}` : '.'}`;
};

const projectOfNode = async (tx: Tx, id: string): Promise<string> =>
  (await tx.node.findUniqueOrThrow({ where: { id }, select: { projectId: true } })).projectId;

const storeEvents = async (
  tx: Tx,
  nodeId: string,
  report: Report,
  plan: ReportPlan,
  rows: ReadonlyMap<string, Row>,
): Promise<number> => {
  const own = (taskId: string | undefined): Row | undefined => {
    const row = taskId === undefined ? undefined : rows.get(taskId);
    return row?.nodeId === nodeId ? row : undefined;
  };
  // What a host tells of itself is its project's: names of other projects' images and networks are in it.
  const ofHost = report.events.some(({ taskId }) => !own(taskId)) && (await projectOfNode(tx, nodeId));
  const place = (taskId: string | undefined) => {
    const row = own(taskId);
    if (!row) return { nodeId, ...(ofHost && { projectId: ofHost }) };
    return { nodeId, taskId, serviceId: row.serviceId, stackId: row.stackId, projectId: row.projectId };
  };
  const seen = new Map<string, number>();
  const told = report.events.map((event) => {
    const content = `${event.at} ${event.text}`;
    const index = seen.get(content) ?? 0;
    seen.set(content, index + 1);
    const { at, kind, text, ok, durationMs, taskId } = event;
    return {
      id: eventId(nodeId, event, index),
      at: new Date(at),
      kind,
      text: text.slice(0, 2_000).toWellFormed(),
      ok,
      data: durationMs === undefined ? {} : { durationMs },
      ...place(taskId),
    };
  });
  const stories = plan.updates.flatMap((update) => {
    const text = storyOf(update);
    if (!text) return [];
    const ok =
      !['failed', 'rejected'].includes(update.state) &&
      (update.ready || !update.readyChanged || update.moved);
    const data = { state: update.state, ready: update.ready };
    return [{ id: uuid(), at: new Date(), kind: 'task', text, ok, data, ...place(update.id) }];
  });
  const data = [...told, ...stories];
  if (data.length > 0) await tx.event.createMany({ data, skipDuplicates: true });
  return data.length;
};

type StoredReport = { foreign: string[]; unwanted: string[] };

/**
 * Stores a report whole or not at all: one statement for its tasks, one for its exits, one for its events. Who
 * waits for any of it hears when it is committed. `clockSkewMs` is how far the host's clock is ahead of ours.
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

  await updateTasks(tx, plan.updates);
  const mine = new Set(found.filter((row) => row.nodeId === nodeId).map(({ id }) => id));
  await storeExits(tx, report.exits, mine, clockSkewMs);
  const events = await storeEvents(tx, nodeId, report, plan, rows);
  // Said once per connection, so that an agent that is slow to stop is not told over and over.
  if (report.complete && (stillUnwanted || plan.unwanted.length > 0))
    await raiseGenerations(tx, { nodeIds: [nodeId] });
  if (plan.readinessOn.length > 0)
    await signalAgents(tx, { kind: 'readiness', networkIds: plan.readinessOn });

  const touched = [
    ...new Set([...plan.updates.map(({ id }) => id), ...report.exits.map(({ taskId }) => taskId)]),
  ];
  // One statement for both: a deploy is mostly reports.
  await publishChange(
    tx,
    ...(touched.length > 0 ? [{ kind: 'task' as const, ids: relatedIds(touched, rows, nodeId) }] : []),
    ...(events > 0 ? [{ kind: 'event' as const, ids: [nodeId] }] : []),
  );
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
