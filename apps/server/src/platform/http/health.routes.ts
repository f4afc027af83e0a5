import { timingSafeEqual } from 'node:crypto';
import { DomainError } from '@portreeve/domain';
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Database } from '../db/database.ts';
import type { Leader } from '../leader.ts';
import type { Loops } from '../loop.ts';

/** Where domains register their own metrics; one per server, since tests start several in one process. */
export const createMetrics = (database: Database, leader: Leader, loops: Loops): Registry => {
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics, prefix: 'portreeve_' });
  const registers = [metrics];
  new Gauge({
    name: 'portreeve_database_pool_connections',
    help: 'Connections of the pool',
    labelNames: ['state'],
    registers,
    collect() {
      const { total, idle, waiting } = database.pool();
      this.set({ state: 'total' }, total);
      this.set({ state: 'idle' }, idle);
      this.set({ state: 'waiting' }, waiting);
    },
  });
  new Gauge({
    name: 'portreeve_database_up',
    help: '1 while the database answers',
    registers,
    collect() {
      this.set(database.health.available() ? 1 : 0);
    },
  });
  new Gauge({
    name: 'portreeve_leader',
    help: '1 on the server that leads',
    registers,
    collect() {
      this.set(leader.isLeader() ? 1 : 0);
    },
  });
  new Gauge({
    name: 'portreeve_loop_seconds',
    help: 'How long the last run of each background loop took',
    labelNames: ['loop'],
    registers,
    collect() {
      for (const { name, lastMs } of loops.statuses()) this.set({ loop: name }, lastMs / 1_000);
    },
  });
  new Gauge({
    name: 'portreeve_loop_failing',
    help: '1 where the last run of a background loop failed',
    labelNames: ['loop'],
    registers,
    collect() {
      for (const { name, lastError } of loops.statuses()) this.set({ loop: name }, lastError ? 1 : 0);
    },
  });
  return metrics;
};

/** Times of the API by route and status; the routes of the contract are few, so the series are too. */
const addRequestMetrics = (app: FastifyInstance, metrics: Registry): void => {
  const seconds = new Histogram({
    name: 'portreeve_http_request_seconds',
    help: 'Time to answer, by route of the contract',
    labelNames: ['route', 'status'],
    buckets: [0.005, 0.025, 0.1, 0.5, 2, 10],
    registers: [metrics],
  });
  app.addHook('onResponse', async (request, reply) => {
    const { mounted: route } = request.routeOptions.config ?? {};
    if (route) seconds.observe({ route, status: reply.statusCode }, reply.elapsedTime / 1_000);
  });
};

const sameToken = (header: string | undefined, token: string): boolean => {
  const shown = Buffer.from(header ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return shown.length === wanted.length && timingSafeEqual(shown, wanted);
};

/** Throws `auth.required` unless the header carries the token of the metrics. */
export const requireMetricsToken = (header: string | undefined, token: string): void => {
  if (!sameToken(header, token))
    throw new DomainError('auth.required', 'The metrics need their token as a bearer.');
};

/** For load balancers and Prometheus; the first two say nothing but "well" or "not well". */
export const addHealthRoutes = (
  app: FastifyInstance,
  deps: { database: Database; metrics: Registry; metricsToken: string },
): void => {
  addRequestMetrics(app, deps.metrics);
  // Some load balancers ask by HEAD.
  const health = { config: { exception: 'health' }, exposeHeadRoute: true };
  app.get('/healthz', health, () => ({ ok: true }));
  app.get('/readyz', health, (_, reply) => {
    const ready = deps.database.health.available();
    return reply.code(ready ? 200 : 503).send({ ok: ready });
  });
  app.get('/metrics', { config: { exception: 'metrics token' } }, async (request, reply) => {
    requireMetricsToken(request.headers.authorization, deps.metricsToken);
    return reply.type(deps.metrics.contentType).send(await deps.metrics.metrics());
  });
};
