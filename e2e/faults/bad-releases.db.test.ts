import type { AssignedTask } from '@portreeve/agent-protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../lab/eventually.ts';
import { type Cluster, startCluster } from './cluster.ts';

let cluster: Cluster;
/** From now on nobody has the first version any more, neither registry nor host. */
let isGone = false;
const behaviourOf = ({ spec }: AssignedTask) => {
  if (spec.image.endsWith(':2')) return { readyAfterMs: 30_000, failsAfterMs: 50 };
  return { readyAfterMs: 30, cannotBePulled: isGone };
};
beforeAll(async () => {
  cluster = await startCluster({ servers: 1, hosts: 3, behaviourOf });
});
afterAll(() => cluster?.stop());

const rolloutOf = (serviceId: string) =>
  cluster.db.database.prisma.rollout.findFirstOrThrow({ where: { serviceId }, orderBy: { number: 'desc' } });

/** Nobody waits five minutes in a test: what was made is made to be that much older. */
const age = async (serviceId: string): Promise<void> => {
  await cluster.db.database.prisma.$executeRaw`
    UPDATE "Task" SET "createdAt" = "createdAt" - interval '6 minutes' WHERE "serviceId" = ${serviceId}::uuid`;
  await cluster.db.database.prisma.$executeRaw`
    UPDATE "Rollout" SET "startedAt" = "startedAt" - interval '6 minutes',
      "countFailuresSince" = "countFailuresSince" - interval '6 minutes' WHERE "serviceId" = ${serviceId}::uuid`;
};

/** What is due was reckoned from the times as they were: a look at it now. */
const lookNow = (serviceId: string): Promise<unknown> =>
  cluster.db.database.prisma.$executeRaw`UPDATE "Service" SET "wakeAt" = now() WHERE id = ${serviceId}::uuid`;

it('F-21 a way back whose image nobody has any more is paused with an alarm, and what still runs is left alone', {
  timeout: 90_000,
}, async () => {
  const update = 'parallelism: 2, order: stop-first, monitor: 0s, failure_action: rollback';
  const serviceId = await cluster.apply('shop', { tag: '1', replicas: 6, update });
  await cluster.settled(serviceId, { tag: '1', replicas: 6 });
  const before = cluster.running(serviceId).map(({ task }) => task.taskId);
  isGone = true;
  await cluster.apply('shop', { tag: '2', replicas: 6, update });
  await eventually(async () => (await rolloutOf(serviceId)).state === 'rolling back', {
    timeout: 20_000,
    what: 'the rollout to turn back',
  });
  const { prisma } = cluster.db.database;
  await eventually(
    async () => (await prisma.task.count({ where: { serviceId, reason: 'its image cannot be pulled' } })) > 0,
    { timeout: 20_000, what: 'a host to say that it cannot pull' },
  );
  await age(serviceId);
  await eventually(
    async () => {
      await lookNow(serviceId);
      return (await rolloutOf(serviceId)).state === 'paused';
    },
    { timeout: 20_000, what: 'the way back to be paused' },
  );
  expect((await rolloutOf(serviceId)).reason).toMatch(
    /the way back failed too: .* could not get their image in 5 min/,
  );
  const left = cluster.running(serviceId).filter(({ ready }) => ready);
  expect(left.length).toBeGreaterThanOrEqual(4);
  for (const { task } of left) expect(before).toContain(task.taskId);
  await eventually(
    async () => (await prisma.alert.count({ where: { kind: 'rollout-paused', endedAt: null } })) === 1,
    { timeout: 30_000, what: 'the alarm' },
  );
});
