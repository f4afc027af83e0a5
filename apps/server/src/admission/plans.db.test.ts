import { describe, expect, it } from 'vitest';
import { applyDeploy, planDeploy } from '../stacks/deploy.service.ts';
import { scaleService } from '../stacks/operations.service.ts';

import { useAdmissionWorld } from './test-world.ts';

describe('a plan', { timeout: 120_000 }, () => {
  const world = useAdmissionWorld();
  const { admin, file, sent, apply, fresh } = world;

  it('applies exactly the plan that was shown, once, and refuses one whose tag has moved, with the difference', async () => {
    const name = fresh();
    const request = { project: '/shop', name, sent: sent(file('init: true')), draft: false };
    const stale = await planDeploy(world.deps, admin, request);
    world.registry.push('shop/web', '1');
    await expect(
      applyDeploy(world.deps, admin, { project: '/shop', name, planId: stale.id ?? '' }),
    ).rejects.toMatchObject({
      code: 'plan.moved',
      message: expect.stringContaining('the image of web'),
    });
    const plan = await planDeploy(world.deps, admin, request);
    await applyDeploy(world.deps, admin, { project: '/shop', name, planId: plan.id ?? '' });
    await expect(
      applyDeploy(world.deps, admin, { project: '/shop', name, planId: plan.id ?? '' }),
    ).rejects.toMatchObject({
      code: 'plan.moved',
    });
  });

  it('refuses a plan when someone scaled the stack since', async () => {
    const name = fresh();
    const { services } = await apply(admin, name, file('init: true'));
    const plan = await planDeploy(world.deps, admin, {
      project: '/shop',
      name,
      sent: sent(file('init: false')),
      draft: false,
    });
    await scaleService(world.deps, admin, services[0]?.id ?? '', 2);
    await expect(
      applyDeploy(world.deps, admin, { project: '/shop', name, planId: plan.id ?? '' }),
    ).rejects.toMatchObject({
      code: 'plan.moved',
      message: expect.stringContaining('the stack'),
    });
  });

  it('changes rules of an update without a new task', async () => {
    const name = fresh();
    await apply(admin, name, file('init: true'));
    const { prisma } = world.database;
    await prisma.rollout.updateMany({ data: { state: 'succeeded', endedAt: new Date() } });
    const again = await apply(admin, name, file('init: true\ndeploy: { update_config: { parallelism: 3 } }'));
    expect(again.services).toMatchObject([{ action: 'update', rolloutId: null }]);
  });
});
