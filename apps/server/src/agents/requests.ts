import { randomUUID } from 'node:crypto';
import {
  type Request,
  RequestAnswer,
  type RequestBody,
  RequestValue,
  type RequestValueOf,
} from '@portreeve/agent-protocol';
import { DomainError } from '@portreeve/domain';
import type { Database } from '../platform/db/database.ts';
import {
  openRequest,
  postRequest,
  readAnswer,
  removeRequest,
  storeAnswer,
  whereabouts,
} from './requests.store.ts';
import type { AgentSession, Sessions } from './sessions.ts';
import { storable } from './storable.ts';

const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * Asks the agent of a node and waits for its answer, whichever server holds its connection. Throws
 * `node.unreachable` when no server does, `deadline.exceeded` when no answer comes in time, and
 * `engine.unavailable` with the agent's own sentence when it could not.
 */
export type AskAgent = <K extends RequestBody['kind']>(
  nodeId: string,
  body: Extract<RequestBody, { kind: K }>,
  options?: { timeoutMs?: number },
) => Promise<RequestValueOf<K>>;

export type Requests = {
  askAgent: AskAgent;
  /** A question another server left. */
  onRequest(requestId: string, nodeId: string): void;
  onAnswer(requestId: string): void;
};

const late = (): DomainError =>
  new DomainError('deadline.exceeded', 'The agent of the node did not answer in time.', {
    hint: 'Look at the page of the node: its engine may hang.',
  });

const valueIn = <K extends RequestBody['kind']>(kind: K, answer: RequestAnswer): RequestValueOf<K> => {
  if (!answer.ok) throw new DomainError('engine.unavailable', answer.message);
  return RequestValue[kind].parse(answer.value) as RequestValueOf<K>;
};

export const createRequests = (database: Database, sessions: Sessions): Requests => {
  const waiting = new Map<string, () => void>();

  const askHere = async (session: AgentSession, request: Request): Promise<RequestAnswer> => {
    const left = Math.max(1, Date.parse(request.deadline) - Date.now());
    session.answers.expect(request.id);
    try {
      const raw = await session.ask('request', { ...request, inParts: true }, left).catch(() => {
        throw late();
      });
      const answer = session.answers.whole(request.id, RequestAnswer.parse(raw));
      return storable(answer) as RequestAnswer;
    } finally {
      session.answers.forget(request.id);
    }
  };

  const heard = (requestId: string, ms: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(requestId);
        reject(late());
      }, ms);
      waiting.set(requestId, () => {
        clearTimeout(timer);
        waiting.delete(requestId);
        resolve();
      });
    });

  const askElsewhere = async (
    nodeId: string,
    request: Request,
    timeoutMs: number,
  ): Promise<RequestAnswer> => {
    const node = await whereabouts(database.prisma, nodeId);
    if (!node) throw new DomainError('not-found', 'There is no such node.');
    if (node.connectedTo === null) {
      const why = node.lastError || node.lastCloseReason;
      throw new DomainError(
        'node.unreachable',
        `The agent of ${node.name} is not connected${why ? `: ${why.replace(/\.$/, '')}` : ''}.`,
        { hint: 'It can be asked again as soon as its agent is back; see the page of the node.' },
      );
    }
    const answered = heard(request.id, timeoutMs);
    // Whoever waits is told by the rejection below, also when posting fails first.
    answered.catch(() => undefined);
    await database.transaction((tx) => postRequest(tx, nodeId, request));
    try {
      await answered;
      const answer = await readAnswer(database.prisma, request.id);
      if (!answer) throw late();
      return answer;
    } finally {
      await removeRequest(database.prisma, request.id).catch(() => undefined);
    }
  };

  const answerForOthers = async (session: AgentSession, requestId: string): Promise<void> => {
    const request = await openRequest(database.prisma, requestId);
    if (!request) return;
    const { nodeId: _, ...asked } = request;
    const answer = await askHere(session, asked).catch(
      (error: Error): RequestAnswer => ({ ok: false, code: 'deadline.exceeded', message: error.message }),
    );
    await database.transaction((tx) => storeAnswer(tx, requestId, answer));
  };

  return {
    askAgent: async (nodeId, body, { timeoutMs = DEFAULT_TIMEOUT_MS } = {}) => {
      const request: Request = {
        id: randomUUID(),
        deadline: new Date(Date.now() + timeoutMs).toISOString(),
        body,
      };
      const session = sessions.get(nodeId);
      const answer = session
        ? await askHere(session, request)
        : await askElsewhere(nodeId, request, timeoutMs);
      return valueIn(body.kind, answer);
    },
    onRequest: (requestId, nodeId) => {
      const session = sessions.get(nodeId);
      if (session) answerForOthers(session, requestId).catch(() => undefined);
    },
    onAnswer: (requestId) => waiting.get(requestId)?.(),
  };
};
