import type { ErrorCode } from '@portreeve/domain';
import { z } from 'zod';
import type { Route } from './route.ts';

/** What can go wrong where a host is asked something. */
export const HOST_ERRORS = [
  'node.unreachable',
  'engine.unavailable',
  'deadline.exceeded',
] as const satisfies ErrorCode[];

/** What can go wrong where images are looked up and services are started or changed. */
export const DEPLOY_ERRORS = [
  'conflict.state',
  'conflict.version',
  'plan.refused',
  'image.unresolvable',
  'registry.unreachable',
  'too-large',
] as const satisfies ErrorCode[];

const takesParams = ({ path }: Route): boolean => path.includes(':');
const takesProject = ({ query }: Route): boolean => query instanceof z.ZodObject && 'project' in query.shape;

/** Every code that a route can answer with: its own, and those that follow from its shape. */
export const errorsOf = (route: Route): ErrorCode[] => {
  const isChange = route.method !== 'GET';
  const isPublic = route.permission === 'public';
  const codes: ErrorCode[] = ['request.invalid', 'auth.origin', 'database.unavailable', 'internal'];
  codes.push(...route.errors);
  if (!isPublic) codes.push('auth.required', 'permission.missing');
  if (isChange) codes.push('too-large', 'request.media-type');
  if (isChange && !isPublic) codes.push('idempotency.reused', 'conflict.state');
  if (takesParams(route) || takesProject(route)) codes.push('not-found');
  if (route.conditional) codes.push('precondition.required', 'conflict.version');
  return [...new Set(codes)].sort();
};
