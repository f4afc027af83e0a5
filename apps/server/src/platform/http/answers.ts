import { DomainError } from '@portreeve/domain';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Database } from '../db/database.ts';
import type { Idempotency } from './idempotency.store.ts';
import type { MountedRoute } from './routes.ts';

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
    const begun = await database.guard(() =>
      idempotency.begin(
        request.ctx?.subject.userId ?? '',
        // Another token of the same person may do less, and is not given the answer that this one got.
        `${request.ctx?.subject.tokenId ?? ''} ${key}`,
        JSON.stringify([request.method, request.url, request.headers['if-match'], request.body ?? null]),
      ),
    );
    if ('kept' in begun) {
      reply.code(begun.kept.status).header('idempotency-replayed', 'true');
      return begun.kept.body;
    }
    const { held } = begun;
    if (request.ctx) request.ctx.heldKey = held;
    const answer = await runOnce(found, request, reply).catch(async (error) => {
      await idempotency.release(held).catch(() => {});
      throw error;
    });
    // It is done: that its answer cannot be kept must not make the caller do it again.
    await idempotency
      .keep(held, { status: answer === null ? 204 : reply.statusCode, body: answer })
      .catch(() => {});
    return answer;
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
