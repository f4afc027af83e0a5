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
    const plan = await planDeploy(world.deps, admin, request);
    const [before, after] = [stale, plan].map(({ services }) => services[0]?.image.digest ?? '');
    await expect(
      applyDeploy(world.deps, admin, { project: '/shop', name, planId: stale.id ?? '' }),
    ).rejects.toMatchObject({
      code: 'plan.moved',
      message: `Since this plan was made, the image of web (${before?.slice(0, 19)}… → ${after?.slice(0, 19)}…) changed; nothing was applied.`,
      details: [{ message: `the image of web: ${before} → ${after}` }],
    });
    expect(before).not.toBe(after);
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
      message: expect.stringContaining(
        'the service web (revision 1, 1 replica, running → revision 1, 2 replicas, running)',
      ),
    });
  });

  it('is refused when the range of host ports has moved since, with the difference and what it refuses now', async () => {
    const planned = async (service: string) => {
      const name = fresh();
      const request = { project: '/shop', name, sent: sent(file(service)), draft: false };
      const { id } = await planDeploy(world.deps, admin, request);
      return { project: '/shop', name, planId: id ?? '' };
    };
    const publishing = await planned("ports: ['8080:80']");
    const other = await planned('init: true');
    const move = (portFrom: number) =>
      world.database.prisma.project.updateMany({ where: { path: '/shop' }, data: { portFrom } });
    await move(8_100);
    await expect(applyDeploy(world.deps, admin, publishing)).rejects.toMatchObject({
      code: 'plan.moved',
      message:
        'Since this plan was made, the range of host ports of /shop (8000–8999 → 8100–8999) changed; nothing was applied.',
      details: [
        { message: 'the range of host ports of /shop: 8000–8999 → 8100–8999' },
        { message: expect.stringContaining('web may not publish port 8080 of the host') },
      ],
    });
    expect((await applyDeploy(world.deps, admin, other)).services).toMatchObject([{ action: 'create' }]);
    await move(8_000);
  });

  it('keeps the digest of an image that the file does not change, as it showed, wherever its tag went', async () => {
    const name = fresh();
    await apply(admin, name, file('init: true'));
    const request = { project: '/shop', name, sent: sent(file('init: false')), draft: false };
    const plan = await planDeploy(world.deps, admin, request);
    world.registry.push('shop/web', '1');
    await applyDeploy(world.deps, admin, { project: '/shop', name, planId: plan.id ?? '' });
    const again = await planDeploy(world.deps, admin, request);
    expect(again.services[0]?.image.digest).toBe(plan.services[0]?.image.digest);
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
