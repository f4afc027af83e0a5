import { DomainError } from '@portreeve/domain';
import type { FastifyReply, FastifyRequest } from 'fastify';

type Registered = { method: string; url: string };

/** Matches a path as it was sent; a star is a route of pages, which is nobody's operation. */
const matcherOf = (url: string): RegExp =>
  new RegExp(`^${url.replaceAll(/[.+?^$()|[\]\\{}]/g, '\\$&').replaceAll(/:\w+/g, '[^/]+')}$`);

/** Refuses what no route answers: by a method that its path does not have, which names those that it has, or at all. */
export const createUnknownOperation = (registered: readonly Registered[]) => {
  const matchers = new Map<string, RegExp>();
  const matches = (url: string, path: string): boolean => {
    if (url.includes('*')) return false;
    const matcher = matchers.get(url) ?? matcherOf(url);
    matchers.set(url, matcher);
    return matcher.test(path);
  };
  return (request: FastifyRequest, reply: FastifyReply): DomainError => {
    const path = request.url.split('?')[0] ?? '';
    const methods = registered.filter(({ url }) => matches(url, path)).map(({ method }) => method);
    if (methods.length === 0)
      return new DomainError('method.unknown', 'There is no such operation.', {
        hint: 'See /api/docs for what there is.',
      });
    const allowed = [...new Set(methods)].sort().join(', ');
    reply.header('allow', allowed);
    return new DomainError('method.not-allowed', `This place does not answer ${request.method}.`, {
      hint: `It answers ${allowed}. See /api/docs for what there is.`,
    });
  };
};
