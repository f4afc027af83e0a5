import type { AgentFigures, Request, RequestAnswer, RequestBody } from '@portreeve/agent-protocol';
import { assertExhaustive, DomainError } from '@portreeve/domain';
import type { Engine } from '../engine/engine.ts';
import type { SeenContainer } from '../engine/seen.ts';
import { messageOf } from '../errors.ts';
import { log } from '../log.ts';
import type { ExitLogs } from '../reports/exit-logs.ts';
import type { Metrics } from '../reports/metrics.ts';
import type { Sampler } from '../reports/stats.ts';
import type { Identity } from '../state/identity.ts';
import { type BulkChannel, openBulk } from '../streams/bulk.ts';
import { streamLogs } from '../streams/logs.ts';
import { streamTerminal } from '../streams/terminal.ts';
import type { TaskRecord } from '../tasks/record.ts';
import { findImage, listContainers, masked, removeVolume } from './engine-questions.ts';

export type AnswerDependencies = {
  identity(): Identity;
  engine(): Engine;
  exitLogs: ExitLogs;
  sampler: Sampler;
  metrics: Metrics;
  record(taskId: string): TaskRecord | undefined;
  containerOf(taskId: string): SeenContainer | undefined;
  figures(): Promise<AgentFigures>;
  /** The task a container belongs to, by label and by record. */
  taskOf(containerId: string): string | undefined;
  /** A bulk connection came into being; it ends when the node is revoked (SPEC.md, B5). */
  onChannel(channel: BulkChannel): void;
};

type OpenStream = Extract<RequestBody, { kind: 'open-stream' }>;

const running = (deps: AnswerDependencies, taskId: string): SeenContainer => {
  const container = deps.containerOf(taskId);
  if (container?.state !== 'running')
    throw new DomainError('conflict.state', 'The task has no running container at this moment.');
  return container;
};

const openStream = async (deps: AnswerDependencies, body: OpenStream) => {
  const { open } = body;
  // Asked before the connection is dialled, so that the asker gets the reason and not a broken stream.
  const container = open.kind === 'terminal' ? running(deps, open.taskId) : undefined;
  const { nodeId } = deps.identity();
  const { streamId, token } = body;
  const channel = await openBulk(body.url, deps.identity(), { streamId, token, nodeId });
  deps.onChannel(channel);
  const done =
    open.kind === 'terminal' && container
      ? streamTerminal(deps.engine(), container.id, open, channel)
      : open.kind === 'logs'
        ? streamLogs(deps, open, channel)
        : Promise.resolve();
  done.catch((error) => {
    log.debug({ streamId, error: messageOf(error) }, 'a stream broke');
    channel.end(messageOf(error));
  });
  return { opened: true, reason: '' };
};

const inspectTask = async (deps: AnswerDependencies, taskId: string) => {
  const container = deps.containerOf(taskId);
  if (!container) return { found: false, json: '' };
  const info = await deps.engine().docker.getContainer(container.id).inspect();
  return { found: true, json: JSON.stringify(masked(info)) };
};

const exitLog = async (deps: AnswerDependencies, taskId: string, attempt: number) => {
  const lines = await deps.exitLogs.read(taskId, attempt);
  return {
    found: lines !== undefined,
    text: (lines ?? []).map((line) => `${line.at} ${line.text}`).join('\n'),
  };
};

const answerOf = async (deps: AnswerDependencies, body: RequestBody): Promise<unknown> => {
  switch (body.kind) {
    case 'stats':
      await deps.sampler.sample(STATS_AGE_MS);
      return deps.sampler.latest(body.taskIds);
    case 'metrics':
      return deps.metrics.read(body.taskId, body.minutes);
    case 'figures':
      return deps.figures();
    case 'containers':
      return listContainers(deps.engine(), deps.taskOf);
    case 'find-image':
      return findImage(deps.engine(), body.reference);
    case 'exit-log':
      return exitLog(deps, body.taskId, body.attempt);
    case 'remove-volume':
      return removeVolume(deps.engine(), body.engineName);
    case 'inspect-task':
      return inspectTask(deps, body.taskId);
    case 'open-stream':
      return openStream(deps, body);
    default:
      return assertExhaustive(body);
  }
};

/** Many may watch the same figures: they are measured for the first of them. */
const STATS_AGE_MS = 1_500;
const KEPT_ANSWERS = 256;

/** Answers the server's requests. One that comes again under its id gets the answer it had, and does nothing anew (SPEC.md, Q1). */
export const answerRequests = (deps: AnswerDependencies): ((request: Request) => Promise<RequestAnswer>) => {
  const given = new Map<string, Promise<RequestAnswer>>();
  const answer = async (request: Request): Promise<RequestAnswer> => {
    try {
      return { ok: true, value: await answerOf(deps, request.body) };
    } catch (error) {
      const code = error instanceof DomainError ? error.code : 'internal';
      return { ok: false, code, message: messageOf(error) };
    }
  };
  return (request) => {
    const present = given.get(request.id);
    if (present) return present;
    const made = answer(request);
    given.set(request.id, made);
    if (given.size > KEPT_ANSWERS) given.delete(given.keys().next().value as string);
    return made;
  };
};
