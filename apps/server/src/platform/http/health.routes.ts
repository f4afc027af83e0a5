import { timingSafeEqual } from 'node:crypto';
import { DomainError } from '@portreeve/domain';
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Database } from '../db/database.ts';
import type { Leader } from '../leader.ts';
import { VERSION } from '../version.ts';

/** Where domains register their own metrics; one per server, since tests start several in one process. */
export const createMetrics = (database: Database, leader: Leader): Registry => {
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
  return metrics;
};

const sameToken = (header: string | undefined, token: string): boolean => {
  const shown = Buffer.from(header ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return shown.length === wanted.length && timingSafeEqual(shown, wanted);
};

/** For load balancers and Prometheus; the first two say nothing but "well" or "not well". */
export const addHealthRoutes = (
  app: FastifyInstance,
  deps: { database: Database; metrics: Registry; metricsToken: string },
): void => {
  app.get('/healthz', { config: { exception: 'health' } }, () => ({ ok: true, version: VERSION }));
  app.get('/readyz', { config: { exception: 'health' } }, (_, reply) => {
    const ready = deps.database.health.available();
    return reply.code(ready ? 200 : 503).send({ ok: ready });
  });
  app.get('/metrics', { config: { exception: 'metrics token' } }, async (request, reply) => {
    if (!sameToken(request.headers.authorization, deps.metricsToken))
      throw new DomainError('auth.required', 'The metrics need their token as a bearer.');
    return reply.type(deps.metrics.contentType).send(await deps.metrics.metrics());
  });
};
