import { createHash } from 'node:crypto';
import type { AgentEvent, Report } from '@portreeve/agent-protocol';
import type { TaskState } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import type { TaskUpdate } from './report-plan.ts';

/** Where a task is, as its lines of the timeline say it. */
export type ReportedTask = {
  id: string;
  nodeId: string | null;
  serviceId: string;
  stackId: string;
  projectId: string;
};

/** A line of the timeline, as the database takes it from JSON. */
export type TimelineLine = {
  id: string;
  at: string;
  kind: string;
  text: string;
  ok: boolean;
  data: object;
  nodeId: string;
  taskId?: string;
  serviceId?: string;
  stackId?: string;
  projectId?: string;
};

const MOST_TEXT = 2_000;

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

type Teller = {
  nodeId: string;
  /** What a host tells of itself is its project's: names of other projects' images and networks are in it. */
  hostProjectId: string | undefined;
  taskOf(id: string): ReportedTask | undefined;
};

/** The task of a line, if there is one and it is on the node that tells. */
export const ownTask = ({ nodeId, taskOf }: Omit<Teller, 'hostProjectId'>, id: string | undefined) => {
  const task = id === undefined ? undefined : taskOf(id);
  return task?.nodeId === nodeId ? task : undefined;
};

const placeOf = (teller: Teller, taskId: string | undefined) => {
  const { nodeId, hostProjectId } = teller;
  const task = ownTask(teller, taskId);
  if (!task) return { nodeId, ...(hostProjectId !== undefined && { projectId: hostProjectId }) };
  return {
    nodeId,
    taskId: task.id,
    serviceId: task.serviceId,
    stackId: task.stackId,
    projectId: task.projectId,
  };
};

/** What an agent told: engine calls, engine events, itself. */
export const toldLines = (teller: Teller, events: Report['events']): TimelineLine[] => {
  const seen = new Map<string, number>();
  return events.map((event) => {
    const content = `${event.at} ${event.text}`;
    const index = seen.get(content) ?? 0;
    seen.set(content, index + 1);
    const { at, kind, text, ok, durationMs, taskId } = event;
    return {
      id: eventId(teller.nodeId, event, index),
      at,
      kind,
      text: text.slice(0, MOST_TEXT).toWellFormed(),
      ok,
      data: durationMs === undefined ? {} : { durationMs },
      ...placeOf(teller, taskId),
    };
  });
};

/** What became of tasks, in our words. */
export const storyLines = (teller: Teller, updates: readonly TaskUpdate[], now: Date): TimelineLine[] =>
  updates.flatMap((update) => {
    const text = storyOf(update);
    if (!text) return [];
    const ok =
      !['failed', 'rejected'].includes(update.state) &&
      (update.ready || !update.readyChanged || update.moved);
    const data = { state: update.state, ready: update.ready };
    return [
      {
        id: uuid(),
        at: now.toISOString(),
        kind: 'task',
        text: text.toWellFormed(),
        ok,
        data,
        ...placeOf(teller, update.id),
      },
    ];
  });
