import type { Route } from '@portreeve/contract';
import { DomainError, type ErrorDetail } from '@portreeve/domain';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { allowsSomewhere, scope, seesSomewhere } from '../../access/authorize.ts';
import { isStorable } from '../db/storable-text.ts';
import type { RequestContext } from './context.ts';
import { hideRefusal } from './hide.ts';

export type Input<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> = {
  params: z.output<P>;
  query: z.output<Q>;
  body: z.output<B>;
  ctx: RequestContext;
  /** From `If-Match`; always there when the route is conditional. */
  version: number;
  /** Absent when a live watch runs the route. */
  http?: { request: FastifyRequest; reply: FastifyReply };
};
export type Handler<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType> = (
  input: Input<P, Q, B>,
) => Promise<z.input<R>> | z.input<R>;
export type MountOptions = {
  /**
   * `query`: authorized before the handler in `query.project`, or at the root. `resolved`: the handler finds the
   * object first and calls `ctx.authorize` itself. `listed`: the handler shows what lies in `ctx.scope`. Without these
   * the answer is withheld. Default: `resolved` for paths with parameters, `listed` for other reads in a project.
   */
  project?: 'query' | 'resolved' | 'listed';
  bodyLimitBytes?: number;
  /** Answers while the database is away. */
  offline?: boolean;
};
export type RawInput = { params: unknown; query: unknown; body: unknown; ifMatch?: string };
export type MountedRoute = {
  route: Route;
  options: Required<Pick<MountOptions, 'project'>> & MountOptions;
  /** Validates, authorizes, runs, and shapes the answer; the same for HTTP and for a live watch. */
  run(
    ctx: RequestContext,
    raw: RawInput,
    http?: Input<z.ZodType, z.ZodType, z.ZodType>['http'],
  ): Promise<unknown>;
};

const pointer = (place: string, path: readonly PropertyKey[]): string =>
  `/${[place, ...path.map(String)].map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`;

/** Unknown keys are named one by one, so that each has a pointer of its own. */
const detailsOf = (place: string, error: z.ZodError): ErrorDetail[] =>
  error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({
          message: `unknown key "${key}"`,
          pointer: pointer(place, [...issue.path, key]),
        }))
      : [{ message: issue.message, pointer: pointer(place, issue.path) }],
  );

/** Where the first text is that cannot be stored. */
const unstorableAt = (value: unknown, path: readonly string[] = []): readonly string[] | undefined => {
  if (typeof value === 'string') return isStorable(value) ? undefined : path;
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return undefined;
  for (const [key, one] of Object.entries(value)) {
    const found = unstorableAt(key, path) ?? unstorableAt(one, [...path, key]);
    if (found) return found;
  }
  return undefined;
};

const validate = <S extends z.ZodType>(place: string, schema: S, value: unknown): z.output<S> => {
  const result = schema.safeParse(value);
  const unstorable = result.success && unstorableAt(value);
  if (unstorable)
    throw new DomainError(
      'request.invalid',
      `The ${place} has a character that cannot be stored (${pointer(place, unstorable)}).`,
      {
        hint: 'Take the zero byte or the broken character out of that text; bytes that are no text go as Base64.',
      },
    );
  if (result.success) return result.data;
  const details = detailsOf(place, result.error);
  const first = details[0];
  throw new DomainError(
    'request.invalid',
    `The ${place} is not valid: ${first?.message} (${first?.pointer}).`,
    {
      details,
    },
  );
};

const LARGEST_VERSION = 2_147_483_647;

const versionOf = (ifMatch: string | undefined): number => {
  const match = /^(?:W\/)?"?(\d{1,15})"?$/.exec(ifMatch?.trim() ?? '');
  // No object ever counts so far; a larger number is one that the database does not have.
  if (match) return Math.min(Number(match[1]), LARGEST_VERSION);
  throw new DomainError('precondition.required', 'This change must name the version it is based on.', {
    hint: 'Send the version of the object you have seen as If-Match: "<version>".',
  });
};

const requireSignedIn = (route: Route, ctx: RequestContext): void => {
  if (route.permission === 'public' || ctx.subject.kind !== 'nobody') return;
  throw new DomainError('auth.required', 'Sign in first.');
};

const requirePermission = (
  { permission }: Route,
  ctx: RequestContext,
  query: unknown,
  place: NonNullable<MountOptions['project']>,
): void => {
  if (permission === 'public' || permission === 'signed-in') return;
  const { project } = (query ?? {}) as { project?: string };
  const isShown = place === 'listed' && scope(ctx.subject, permission, project).length > 0;
  if (place !== 'resolved') {
    if (!isShown) ctx.authorize(permission, project);
    return;
  }
  // The project is not known yet; who may nowhere see such things learns nothing about what exists.
  if (!allowsSomewhere(ctx.subject, permission) && !seesSomewhere(ctx.subject, permission))
    ctx.authorize(permission, ctx.subject.projectPath);
};

/** Of what somebody may not see not even the refusal tells; that there is the root is no secret. */
const hidingIf = async <T>(hides: boolean, ctx: RequestContext, work: () => Promise<T> | T): Promise<T> => {
  try {
    return await work();
  } catch (cause) {
    throw hides && cause instanceof DomainError ? hideRefusal(ctx, cause) : cause;
  }
};

const usualPlace = (route: Route): NonNullable<MountOptions['project']> => {
  if (route.path.includes(':')) return 'resolved';
  const { shape } = route.query as { shape?: Record<string, unknown> };
  return route.method === 'GET' && shape?.project !== undefined ? 'listed' : 'query';
};

/** A handler that never asked is a mistake of ours: its answer is withheld rather than given to everyone. */
const requireAsked = (route: Route, ctx: RequestContext): void => {
  if (route.permission === 'public' || route.permission === 'signed-in' || ctx.authorized()) return;
  throw new DomainError('internal', `The route ${route.id} answered without asking for a permission.`);
};

export const mountedRoute = <
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  R extends z.ZodType,
>(
  route: Route<P, Q, B, R>,
  handler: Handler<P, Q, B, R>,
  options: MountOptions,
): MountedRoute => {
  const project = options.project ?? usualPlace(route);
  const isOpen = route.permission === 'public' || route.permission === 'signed-in';
  return {
    route,
    options: { ...options, project },
    run: async (ctx, raw, http) => {
      requireSignedIn(route, ctx);
      const params = validate('params', route.params, raw.params);
      const query = validate('query', route.query, raw.query);
      const { project: named = '/' } = (query ?? {}) as { project?: string };
      await hidingIf(named !== '/', ctx, () => requirePermission(route, ctx, query, project));
      const body = validate('body', route.body, raw.body);
      const version = route.conditional ? versionOf(raw.ifMatch) : 0;
      const isAboutAThing = !isOpen && (project === 'resolved' || named !== '/');
      const answer = await hidingIf(isAboutAThing, ctx, () =>
        handler({ params, query, body, ctx, version, http }),
      );
      requireAsked(route, ctx);
      if (route.download !== null) return answer;
      return route.response.parse(answer ?? null);
    },
  };
};
