import { setTimeout as pause } from 'node:timers/promises';
import { routes } from '@portreeve/contract';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../lab/eventually.ts';
import { type Cluster, startCluster, TAGS } from './cluster.ts';
import { seededChance } from './seeded.ts';
import { watchReady } from './watch-ready.ts';

const KILLS = Number(process.env.PORTREEVE_KILLS ?? 20);
const REPLICAS = 6;
const COMMIT = Buffer.from('COMMIT\0');

let cluster: Cluster;
/** Set to be told of the next document on its way to be stored. */
let onDocument: (() => void) | undefined;
beforeAll(async () => {
  cluster = await startCluster({ servers: 1, hosts: 4, onDocument: () => onDocument?.() });
});
afterAll(() => cluster?.stop());

/** Kills the server just before, or just after, its commit of that number reaches the database. */
const killAtCommit = (when: 'before' | 'after', number: number, kill: () => void): void => {
  let seen = 0;
  let sent = false;
  const die = (): false => {
    kill();
    return false;
  };
  cluster.wires[0]?.tap((bytes, way) => {
    // What the database answers to the commit never arrives.
    if (sent && way === 'back') return die();
    if (way === 'back' || !bytes.includes(COMMIT)) return true;
    seen += 1;
    if (seen < number) return true;
    if (when === 'before') return die();
    sent = true;
    return true;
  });
};
const killAtDocument = (number: number, kill: () => void): void => {
  let seen = 0;
  onDocument = () => {
    seen += 1;
    if (seen === number) kill();
  };
};

it(`F-1 a server that is killed at ${KILLS} chosen moments of rolling updates carries on from the database`, {
  timeout: 120_000 + KILLS * 20_000,
}, async () => {
  const chance = seededChance('F-1');
  const [server] = cluster.servers as [(typeof cluster.servers)[0]];
  let deploy = { tag: '1', replicas: REPLICAS };
  const serviceId = await cluster.apply('shop', deploy);
  await cluster.settled(serviceId, deploy);
  const watch = watchReady(() => cluster.running(serviceId));
  let accepted = 1;
  const where: string[] = [];
  for (let kills = 0; kills < KILLS; kills += 1) {
    const kind = chance.oneOf(['before', 'after', 'document'] as const);
    const number = 1 + chance.below(kind === 'document' ? 10 : 20);
    where.push(`${kind} ${number}`);
    let killed: Promise<void> | undefined;
    const kill = (): void => {
      killed ??= server.kill();
    };
    const arm = (): void =>
      kind === 'document' ? killAtDocument(number, kill) : killAtCommit(kind, number, kill);
    deploy = { ...deploy, tag: TAGS[kills % 2 === 0 ? 1 : 0] as string };
    await cluster.apply('shop', deploy);
    accepted += 1;
    arm();
    // Where the rollout was over before its moment came, the server dies at rest.
    await Promise.race([
      eventually(() => killed !== undefined, { timeout: 60_000, interval: 5 }),
      cluster.settled(serviceId, deploy),
    ]);
    kill();
    await killed;
    cluster.wires[0]?.tap(undefined);
    onDocument = undefined;
    await server.start();
  }
  await cluster.settled(serviceId, deploy);
  const said = `${where.join(', ')} (PORTREEVE_SEED=${chance.seed})`;
  expect(watch.end().fewest, `I3 at ${said}`).toBeGreaterThanOrEqual(REPLICAS);
  expect(await cluster.history.backward(), `I4 at ${said}`).toEqual([]);
  const rollouts = await cluster.db.database.prisma.rollout.findMany({ where: { serviceId } });
  expect(rollouts.length, `I1 at ${said}`).toBe(accepted);
  const { items } = await cluster.call(routes.audit.list, { query: { limit: 500 } });
  expect(items.filter(({ action }) => action === 'stack.apply').length, `I7 at ${said}`).toBe(accepted);
});

it('F-22 a rollout whose hosts are drained and lost on the way ends on the others', {
  timeout: 120_000,
}, async () => {
  const deploy = { tag: '1', replicas: REPLICAS };
  const serviceId = await cluster.apply('lost', deploy);
  await cluster.settled(serviceId, deploy);
  const busiest = cluster.hosts.filter((host) =>
    host.running().some(({ task }) => task.serviceId === serviceId),
  );
  const [drained, lost] = busiest as [(typeof busiest)[0], (typeof busiest)[0]];
  const next = {
    tag: '2',
    replicas: REPLICAS,
    update: 'parallelism: 1, delay: 500ms, order: start-first, monitor: 0s',
  };
  await cluster.apply('lost', next);
  await eventually(() =>
    cluster.running(serviceId).some(({ task, ready }) => ready && task.spec.image.endsWith(':2')),
  );
  await cluster.call(routes.nodes.drain, { params: { id: drained.nodeId } });
  await lost.kill();
  await cluster.settled(serviceId, next);
  expect(drained.running().filter(({ task }) => task.serviceId === serviceId)).toEqual([]);
  const rollout = await cluster.db.database.prisma.rollout.findFirstOrThrow({
    where: { serviceId },
    orderBy: { number: 'desc' },
  });
  expect(rollout.state).toBe('succeeded');
  expect(await cluster.history.backward()).toEqual([]);
  lost.boot();
  await eventually(
    async () =>
      (await cluster.db.database.prisma.node.findUniqueOrThrow({ where: { id: lost.nodeId } })).state ===
      'ready',
    { timeout: 30_000, what: 'the lost host to be back' },
  );
  // What it still had of before is stopped, and of each slot one is left.
  await cluster.settled(serviceId, next);
  await cluster.call(routes.nodes.uncordon, { params: { id: drained.nodeId } });
});

it('F-14 a hundred hosts are back after the restart of the server, one by one, and people are served meanwhile', {
  timeout: 150_000,
}, async () => {
  const fleet = await cluster.addHosts(Array.from({ length: 100 }, (_, index) => `fleet-${index}`));
  const [server] = cluster.servers as [(typeof cluster.servers)[0]];
  await server.kill();
  await eventually(() => fleet.every((host) => !host.isConnected()));
  for (const { dialled } of fleet) dialled.length = 0;
  await server.start();
  const began = Date.now();
  const awaySoFar = (): number => fleet.filter((host) => !host.isConnected()).length;
  const awayWhenServed = new Set<number>();
  const took: number[] = [];
  while (awaySoFar() > 0) {
    const asked = performance.now();
    await cluster.call(routes.nodes.list, { query: { limit: 50 } });
    took.push(performance.now() - asked);
    awayWhenServed.add(awaySoFar());
    await pause(50);
  }
  const back = fleet.map(({ dialled }) => (dialled.find(({ stood }) => stood)?.at ?? 0) - began);
  const p99 = took.sort((a, b) => a - b)[Math.ceil(took.length * 0.99) - 1] ?? 0;
  process.stdout.write(
    `F-14: all back after ${Math.max(...back)} ms, p99 of ${took.length} calls ${p99.toFixed(0)} ms\n`,
  );
  // Answers came again and again between the arrivals, which were not all in one moment.
  expect(awayWhenServed.size).toBeGreaterThan(5);
});

it('F-1 a server whose supervisor is killed ends too, also without its database', {
  timeout: 60_000,
}, async () => {
  const [server] = cluster.servers as [(typeof cluster.servers)[0]];
  cluster.wires[0]?.cut();
  await eventually(async () => (await fetch(`${server.url}/readyz`)).status === 503);
  await server.abandon();
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
});
