import { DomainError } from '@portreeve/domain';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Database } from '../db/database.ts';
import { type Idempotency, once } from './idempotency.store.ts';
import type { MountedRoute } from './routes.ts';

/** Header of an answer that was given before. */
export const REPLAYED = 'idempotency-replayed';

const CHANGING = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
export const isChange = (request: FastifyRequest): boolean => CHANGING.has(request.method);

const LONGEST_KEY = 200;
/** Two that were cut, or left empty, would be one, and the second request would never be carried out. */
const keyOf = ({ headers }: FastifyRequest): string | undefined => {
  const key = headers['idempotency-key'];
  if (typeof key !== 'string') return undefined;
  if (key.length > 0 && key.length <= LONGEST_KEY) return key;
  throw new DomainError('request.invalid', `An Idempotency-Key has 1 to ${LONGEST_KEY} characters.`, {
    hint: 'Make a new one for each request, a UUID for example.',
  });
};

/** Runs a mounted route for a request: once, or as its `Idempotency-Key` says, and shapes the HTTP answer. */
export const createAnswers = (database: Database, idempotency: Idempotency) => {
  const guarded: Idempotency = {
    ...idempotency,
    begin: (...asked) => database.guard(() => idempotency.begin(...asked)),
  };
  const runOnce = async (
    found: MountedRoute,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<unknown> => {
    const { ctx } = request;
    if (!ctx) throw new DomainError('auth.required', 'Sign in first.');
    const raw = {
      params: request.params,
      query: request.query,
      body: request.body,
      ifMatch: request.headers['if-match'],
    };
    const work = () => found.run(ctx, raw, { request, reply });
    return found.options.offline ? work() : database.guard(work);
  };

  const runWithKey = async (
    found: MountedRoute,
    key: string,
    request: FastifyRequest,
    reply: FastifyReply,
  ) => {
    const { ctx } = request;
    const asked = {
      userId: ctx?.subject.userId ?? '',
      // Another token of the same person may do less, and is not given the answer that this one got.
      key: `${ctx?.subject.tokenId ?? ''} ${key}`,
      request: JSON.stringify([
        request.method,
        request.url,
        request.headers['if-match'],
        request.body ?? null,
      ]),
    };
    const answer = await once(guarded, asked, async (held) => {
      if (ctx) ctx.heldKey = held;
      const body = await runOnce(found, request, reply);
      return { status: body === null ? 204 : reply.statusCode, body };
    });
    if (answer.repeated) reply.code(answer.status).header(REPLAYED, 'true');
    return answer.body;
  };

  const answerTo = async (found: MountedRoute, request: FastifyRequest, reply: FastifyReply) => {
    const key = isChange(request) && found.route.permission !== 'public' ? keyOf(request) : undefined;
    const answer =
      key === undefined ? await runOnce(found, request, reply) : await runWithKey(found, key, request, reply);
    if (answer === null || answer === undefined) return reply.code(204).send();
    const { version } = answer as { version?: unknown };
    if (typeof version === 'number') reply.header('etag', `"${version}"`);
    return reply.send(answer);
  };

  return answerTo;
};
