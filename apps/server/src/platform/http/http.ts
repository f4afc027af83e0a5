import fastifyCookie from '@fastify/cookie';
import { errorsOf, type Route } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { v7 as uuid } from 'uuid';
import type { z } from 'zod';
import { nameGranters } from '../../access/granters.ts';
import { NOBODY } from '../../access/subject.ts';
import type { Database } from '../db/database.ts';
import { type Log, pathInLog } from '../log.ts';
import { createAnswers, isChange, REPLAYED } from './answers.ts';
import { createContext, type RequestContext } from './context.ts';
import type { Idempotency } from './idempotency.store.ts';
import { type AllowedNames, refuseTokenInAddress, requireKnownHost, requireOwnOrigin } from './origin.ts';
import { sendProblem, toDomainError } from './problem.ts';
import { auditRefusal } from './refusals.ts';
import { type Handler, type MountedRoute, type MountOptions, mountedRoute } from './routes.ts';
import { SECURITY_HEADERS } from './security-headers.ts';
import { createUnknownOperation } from './unknown-operation.ts';
import { UNREADABLE } from './unreadable.ts';

export const API_PREFIX = '/api/v1';
/** Pages of a library, which registers them itself and holds nothing that is not public. */
export const DOCUMENTATION_PATH = '/api/docs';

/** Registers a route of the contract; the only way a route comes to be (deny by default). */
export type Mount = <P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType>(
  route: Route<P, Q, B, R>,
  handler: Handler<P, Q, B, R>,
  options?: MountOptions,
) => void;

/** Who a request comes from; `NOBODY` when it proves nothing, an error when what it shows is wrong. */
export type Authenticate = (
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<Pick<RequestContext, 'subject' | 'via'>>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Id of the contract's route, or the proof that a route outside the contract asks for. */
    mounted?: string;
    exception?: string;
  }
  interface FastifyRequest {
    ctx: RequestContext | undefined;
  }
}

export type HttpOptions = {
  database: Database;
  log: Log;
  names: AllowedNames;
  idempotency: Idempotency;
  tls?: { certificatePem: string; keyPem: string };
};
export type Http = {
  app: FastifyInstance;
  mount: Mount;
  /** By route id; live watches run these. */
  mounted: ReadonlyMap<string, MountedRoute>;
  /** Method and path of everything that answers, for the walk over all routes. */
  registered: readonly { method: string; url: string; mounted?: string; exception?: string }[];
  /** `route code` of every answer that the contract does not name; tests see that there is none. */
  undeclared: ReadonlySet<string>;
  /** Routes that changed something without an audit entry; tests see that there is none. */
  unaudited: ReadonlySet<string>;
  /** The refusal of what no route answers. */
  unknownOperation(request: FastifyRequest, reply: FastifyReply): DomainError;
  useAuthentication(authenticate: Authenticate): void;
};

const DEFAULT_BODY_LIMIT = 1_048_576;

/** Those that need no session write theirs as whoever they find out to be. */
const leavesEntry = ({ method, permission, changesNothing }: Route): boolean =>
  method !== 'GET' && permission !== 'public' && !changesNothing;

export const createHttp = (options: HttpOptions): Http => {
  const { database, log } = options;
  const app = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: DEFAULT_BODY_LIMIT,
    requestTimeout: 60_000,
    exposeHeadRoutes: false,
    genReqId: uuid,
    ...UNREADABLE,
    ...(options.tls ? { https: { cert: options.tls.certificatePem, key: options.tls.keyPem } } : {}),
  } as object) as unknown as FastifyInstance;
  const mounted = new Map<string, MountedRoute>();
  const registered: Http['registered'][number][] = [];
  const undeclared = new Set<string>();
  const unaudited = new Set<string>();
  const unknownOperation = createUnknownOperation(registered);
  let authenticate: Authenticate = async () => ({ subject: NOBODY, via: 'browser' });

  app.register(fastifyCookie);
  // JSON only: a form or a text body that a foreign page can send is no request of ours.
  app.removeAllContentTypeParsers();
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) =>
    body === '' ? done(null, null) : parseJson(request, body as string, done),
  );
  app.decorateRequest('ctx', undefined);

  app.addHook('onRoute', ({ method, url, config }) => {
    const exception = config?.exception ?? (url.startsWith(DOCUMENTATION_PATH) ? 'documentation' : undefined);
    if (!config?.mounted && !exception)
      throw new Error(`The route ${method} ${url} names no permission: register it with mount().`);
    registered.push({ method: String(method), url, mounted: config?.mounted, exception });
  });

  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    const { config } = request.routeOptions;
    if (config?.exception === 'health') return;
    requireKnownHost(request.headers.host, options.names);
    if (!config?.mounted) return;
    reply.header('cache-control', 'no-store');
    if (request.headers.origin !== undefined && isChange(request))
      requireOwnOrigin(request.headers.origin, request.headers.host, options.names);
    refuseTokenInAddress(Object.keys((request.query ?? {}) as object));
    const permission = mounted.get(config.mounted)?.route.permission;
    const who =
      permission === 'public'
        ? { subject: NOBODY, via: 'browser' as const }
        : await database.guard(() => authenticate(request, reply));
    request.ctx = createContext(who.subject, { address: request.ip, via: who.via, requestId: request.id });
    if (permission !== 'public' && who.subject.kind === 'nobody')
      throw new DomainError('auth.required', 'Sign in first.');
  });

  app.addHook('onResponse', async (request, reply) => {
    const path = pathInLog(request.url);
    const { mounted: route } = request.routeOptions.config ?? {};
    if (!route && reply.statusCode < 400) return;
    log.info(
      {
        ...{ requestId: request.id, route, method: request.method, path, status: reply.statusCode },
        ms: Math.round(reply.elapsedTime),
      },
      'request',
    );
  });

  app.setErrorHandler(async (cause, request, reply) => {
    const error = await nameGranters(database.prisma, request.ctx, toDomainError(cause));
    if (error.code === 'internal')
      log.error({ requestId: request.id, err: cause, path: pathInLog(request.url) }, 'unforeseen error');
    const { mounted: action = 'unknown' } = request.routeOptions.config ?? {};
    const route = mounted.get(action)?.route;
    if (route && !errorsOf(route).includes(error.code)) undeclared.add(`${action} ${error.code}`);
    await auditRefusal(options, request.ctx, action, error);
    return sendProblem(reply, error);
  });
  app.setNotFoundHandler((request, reply) => {
    throw unknownOperation(request, reply);
  });

  const answerTo = createAnswers(database, options.idempotency);

  const mount: Mount = (route, handler, mountOptions = {}) => {
    if (mounted.has(route.id)) throw new Error(`The route ${route.id} is mounted twice.`);
    const found = mountedRoute(route, handler, mountOptions);
    mounted.set(route.id, found);
    app.route({
      method: route.method,
      url: `${API_PREFIX}${route.path}`,
      config: { mounted: route.id },
      bodyLimit: mountOptions.bodyLimitBytes ?? DEFAULT_BODY_LIMIT,
      handler: async (request, reply) => {
        const answer = await answerTo(found, request, reply);
        if (leavesEntry(found.route) && !request.ctx?.audited() && !reply.hasHeader(REPLAYED))
          unaudited.add(route.id);
        return answer;
      },
    });
  };

  return {
    app,
    mount,
    mounted,
    registered,
    undeclared,
    unaudited,
    unknownOperation,
    useAuthentication: (next) => {
      authenticate = next;
    },
  };
};
