import { DomainError } from '@portreeve/domain';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Agents } from '../agents/agents.ts';
import { requireMetricsToken } from '../platform/http/health.routes.ts';
import { secretFile } from '../platform/secret-file.ts';
import type { Platform } from '../platform.ts';
import { renderNodeMetrics } from './node-metrics.ts';
import { getNode, nodeRows } from './nodes.store.ts';

/** Prometheus waits ten seconds by default. */
const ASK_TIMEOUT_MS = 5_000;
const Id = z.uuid();

/**
 * Hosts listen on nothing, so the server answers Prometheus for them: a list for its service discovery by HTTP, and
 * the figures of one node, asked of its agent when they are scraped.
 */
export const mountNodeMetrics = (
  { http: { app }, database, options }: Platform,
  { askAgent, live }: Pick<Agents, 'askAgent' | 'live'>,
): void => {
  const token = secretFile(`${options.dataFolder}/metrics-token`);
  const config = { exception: 'metrics token' };
  const authorize = ({ headers }: FastifyRequest): void => requireMetricsToken(headers.authorization, token);

  app.get('/metrics/nodes', { config }, async (request) => {
    authorize(request);
    const nodes = await database.guard(() => nodeRows(database.prisma));
    return nodes.map(({ id, name }) => ({
      targets: [request.headers.host],
      labels: { __metrics_path__: `/metrics/nodes/${id}`, node: name },
    }));
  });

  app.get('/metrics/nodes/:id', { config }, async (request, reply) => {
    authorize(request);
    const id = Id.safeParse((request.params as { id: string }).id);
    if (!id.success) throw new DomainError('not-found', 'There is no such node.');
    const node = await database.guard(() => getNode(database.prisma, id.data));
    // An agent that is away or older is told by `up`, not by an error that would hide the rest.
    const figures = await askAgent(id.data, { kind: 'figures' }, { timeoutMs: ASK_TIMEOUT_MS }).catch(
      () => undefined,
    );
    const { contentType, text } = await renderNodeMetrics(node, live(id.data), figures);
    return reply.type(contentType).send(text);
  });
};
