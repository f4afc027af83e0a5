import { v7 as uuid } from 'uuid';
import { beforeEach, describe, expect, it } from 'vitest';
import { closeConnection, markHeard } from '../agents/connection.store.ts';
import { useRolloutWorld } from './test-world.ts';

const MINUTE = 60_000;

describe('F-22 an engine that hangs at the start of a task', { timeout: 120_000 }, () => {
  const world = useRolloutWorld();
  const { apply, compose, deploy, lastRollout, live, revisionsOf, step } = world;
  let serviceId: string;
  let nodeId: string;

  const ago = (minutes: number) => new Date(Date.now() - minutes * MINUTE);
  const stateAfterStep = async (couldHearSince = ago(60).getTime()) => {
    await step(revisionsOf, couldHearSince);
    return lastRollout(serviceId);
  };
  const heardSince = (at: Date) =>
    world.database.prisma.node.updateMany({ data: { lastSeenAt: at, leaseUntil: null } });

  beforeEach(async () => {
    serviceId = await deploy('shop', compose(1, 2));
    await apply('shop', compose(2, 2, 'parallelism: 1, order: start-first, failure_action: pause'));
    await step();
    const { toRevisionId } = await lastRollout(serviceId);
    const hung = (await live(serviceId)).find(({ revisionId }) => revisionId === toRevisionId);
    nodeId = hung?.nodeId ?? '';
    await world.database.prisma.task.update({
      where: { id: hung?.id ?? '' },
      data: { state: 'starting', imageReady: true, stateAt: ago(7) },
    });
    await heardSince(ago(60));
  });

  it('is counted as a failure of its slot, with what is known of it', async () => {
    expect(await stateAfterStep()).toMatchObject({
      state: 'paused',
      reason: 'slot 1 did not start in 5 min, though nothing was missing: 1 of 2, and the policy allows none',
    });
  });

  it('is not, as long as a server, its database or its leadership was away within that time', async () => {
    expect(await stateAfterStep(ago(4).getTime())).toMatchObject({ state: 'running' });
    expect(await stateAfterStep(ago(6).getTime())).toMatchObject({ state: 'paused' });
  });

  it('is not, as long as its host was away within that time, and where it is not heard now', async () => {
    const serverId = uuid();
    await world.database.prisma.node.update({ where: { id: nodeId }, data: { connectedTo: serverId } });
    const closing = { nodeId, serverId, reason: '', silentMs: 0, silenceMs: 10_000, skewMs: 0 };
    await world.database.transaction((tx) => closeConnection(tx, closing));
    expect(await stateAfterStep()).toMatchObject({ state: 'running' });
    await world.database.transaction((tx) => markHeard(tx, serverId, [nodeId]));
    expect(await stateAfterStep()).toMatchObject({ state: 'running' });
    await heardSince(ago(6));
    expect(await stateAfterStep()).toMatchObject({ state: 'paused' });
  });
});
