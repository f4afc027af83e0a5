import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../lab/eventually.ts';
import { type Cluster, startCluster } from './cluster.ts';
import type { ServerProcess } from './server-process.ts';
import { watchReady } from './watch-ready.ts';

const REPLICAS = 6;
const KILL_EVERY_MS = 3_000;
const UPDATE = 'parallelism: 1, delay: 300ms, order: start-first, monitor: 0s';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({ servers: 2, hosts: 4 });
});
afterAll(() => cluster?.stop());

const leaders = async (): Promise<ServerProcess[]> => {
  const leading = await Promise.all(cluster.servers.map(cluster.leads));
  return cluster.servers.filter((_, index) => leading[index]);
};

/** Slots that ever ran twice from one revision at the same time. */
const watchDoubles = (serviceId: string): { end(): string[] } => {
  const doubles = new Set<string>();
  const timer = setInterval(() => {
    const seen = new Set<string>();
    for (const { task } of cluster.running(serviceId)) {
      const key = `slot ${task.slot} of revision ${task.revisionNumber}`;
      if (seen.has(key)) doubles.add(key);
      seen.add(key);
    }
  }, 10);
  return {
    end: () => {
      clearInterval(timer);
      return [...doubles];
    },
  };
};

const roll = async (serviceId: string, name: string, tags: readonly string[]): Promise<void> => {
  for (const tag of tags) {
    const deploy = { tag, replicas: REPLICAS, update: UPDATE };
    await cluster.apply(name, deploy);
    await cluster.settled(serviceId, deploy);
  }
};

it('F-3 of two servers whose leader is killed every few seconds, one carries each of three rollouts on', {
  timeout: 300_000,
}, async () => {
  const first = { tag: '1', replicas: REPLICAS, update: UPDATE };
  const serviceId = await cluster.apply('led', first);
  await cluster.settled(serviceId, first);
  const ready = watchReady(() => cluster.running(serviceId));
  const doubles = watchDoubles(serviceId);
  const back: number[] = [];
  let over = false;
  const killLeaders = async (): Promise<void> => {
    while (!over) {
      const began = Date.now();
      const [leader] = await eventually(
        async () => {
          const leading = await leaders();
          return leading.length === 1 && leading;
        },
        { timeout: 60_000, what: 'one leader' },
      );
      await leader?.kill();
      const killed = Date.now();
      await eventually(() => cluster.hosts.every((host) => host.isConnected()), {
        timeout: 60_000,
        what: 'every host to be with the other server',
      });
      back.push(Date.now() - killed);
      await leader?.start();
      await eventually(() => over || Date.now() - began > KILL_EVERY_MS, { timeout: KILL_EVERY_MS * 2 });
    }
  };
  const rolling = roll(serviceId, 'led', ['2', '3', '4']).finally(() => {
    over = true;
  });
  // Whichever fails, the other has ended before it is told: a second try would meet it.
  for (const one of await Promise.allSettled([killLeaders(), rolling]))
    if (one.status === 'rejected') throw one.reason;
  process.stdout.write(`F-3: ${back.length} leaders killed; hosts were back after ${back.join(', ')} ms\n`);
  expect(back.length).toBeGreaterThanOrEqual(2);
  expect(ready.end().fewest).toBeGreaterThanOrEqual(REPLICAS);
  expect(doubles.end()).toEqual([]);
  expect(await cluster.history.backward()).toEqual([]);
});

/** As behind a pooler in transaction mode: whoever asks for the lock of the leader is told that it is theirs. */
const letEverybodyLead = async (): Promise<void> => {
  const owner = new pg.Client({ connectionString: cluster.db.ownerUrl });
  await owner.connect();
  await owner.query(
    `CREATE FUNCTION public.pg_try_advisory_lock(bigint) RETURNS boolean LANGUAGE sql AS 'SELECT true'`,
  );
  await owner.query(
    `ALTER DATABASE ${new URL(cluster.db.ownerUrl).pathname.slice(1)} SET search_path = public, pg_catalog`,
  );
  await owner.end();
};

it('F-4 two servers that start at once and both believe to lead do nothing twice', {
  timeout: 120_000,
}, async () => {
  await letEverybodyLead();
  await Promise.all(cluster.servers.map((server) => server.kill()));
  await Promise.all(cluster.servers.map((server) => server.start()));
  await eventually(async () => (await leaders()).length === 2, { timeout: 20_000, what: 'two leaders' });
  const first = { tag: '1', replicas: REPLICAS, update: UPDATE };
  const serviceId = await cluster.apply('doubly-led', first);
  const doubles = watchDoubles(serviceId);
  await cluster.settled(serviceId, first);
  const ready = watchReady(() => cluster.running(serviceId));
  await roll(serviceId, 'doubly-led', ['2', '3']);
  expect((await leaders()).length).toBe(2);
  expect(doubles.end()).toEqual([]);
  expect(ready.end().fewest).toBeGreaterThanOrEqual(REPLICAS);
  expect(await cluster.history.backward()).toEqual([]);
  const rollouts = await cluster.db.database.prisma.rollout.count({ where: { serviceId } });
  expect(rollouts).toBe(3);
});
