import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemContext } from '../platform/http/context.ts';
import { steerRollout } from '../rollouts/steering.service.ts';
import type { DeployDeps } from '../stacks/deploy.service.ts';
import {
  restartService,
  rollService,
  rollToTag,
  scaleService,
  startService,
  stopService,
} from '../stacks/operations.service.ts';
import { getService } from '../stacks/service-target.store.ts';

import { useAdmissionWorld } from './test-world.ts';

describe('what was admitted once', { timeout: 120_000 }, () => {
  const world = useAdmissionWorld();
  const { restricted, admin, file, apply, fresh } = world;

  it('S-4 what an administrator deployed is asked for again on every other way to it', async () => {
    const name = fresh();
    const { services } = await apply(admin, name, file('privileged: true\ndeploy: { replicas: 0 }'));
    const id = services[0]?.id ?? '';
    await apply(admin, name, file('deploy: { replicas: 0 }'));
    const refused = { code: 'permission.missing' };
    await expect(rollService(world.deps, restricted, id, 1)).rejects.toMatchObject(refused);
    await expect(rollService(world.deps, restricted, id, undefined)).rejects.toMatchObject(refused);
    await rollService(world.deps, admin, id, 1);
    await expect(scaleService(world.deps, restricted, id, 3)).rejects.toMatchObject(refused);
    await expect(restartService(world.deps, restricted, id)).rejects.toMatchObject(refused);
    await expect(startService(world.deps, restricted, id)).rejects.toMatchObject(refused);
    const service = await getService(world.database.prisma, id);
    await expect(rollToTag(world.deps, systemContext('webhook'), service, '2')).rejects.toMatchObject(
      refused,
    );
  });

  it('S-4 a rollout is resumed by who may start what it goes on to, be it the revision before', async () => {
    const name = fresh();
    const { services } = await apply(admin, name, file('privileged: true'));
    const id = services[0]?.id ?? '';
    await apply(admin, name, file('init: true'));
    const { prisma } = world.database;
    const rollout = (await getService(prisma, id)).rollout?.id ?? '';
    const resume = async (rollingBack: boolean) => {
      await prisma.rollout.update({ where: { id: rollout }, data: { state: 'paused', rollingBack } });
      return steerRollout(world.deps, restricted, rollout, 'resume');
    };
    await expect(resume(true)).rejects.toMatchObject({ code: 'permission.missing' });
    await expect(resume(false)).resolves.toBe(id);
  });

  it('S-4 what somebody else applies between the question and the change is not started by who may not', async () => {
    const name = fresh();
    const { services } = await apply(admin, name, file('init: true'));
    const id = services[0]?.id ?? '';
    let round = 0;
    /** Somebody who may applies something privileged right before the change is stored. */
    const late: DeployDeps = {
      ...world.deps,
      database: {
        ...world.deps.database,
        transaction: async (work, options) => {
          round += 1;
          await apply(admin, name, file(`privileged: true\ncommand: ["${round}"]`));
          return world.deps.database.transaction(work, options);
        },
      },
    };
    const benign = () => apply(admin, name, file(`init: true\ncommand: ["${++round}"]`));
    const moved = { code: 'conflict.version' };
    await expect(scaleService(late, restricted, id, 3)).rejects.toMatchObject(moved);
    await benign();
    await expect(restartService(late, restricted, id)).rejects.toMatchObject(moved);
    await benign();
    const service = await getService(world.database.prisma, id);
    await expect(rollToTag(late, systemContext('webhook'), service, '2')).rejects.toMatchObject(moved);
    expect(await getService(world.database.prisma, id)).toMatchObject({ replicas: 1 });
  });

  it('S-4 a webhook does not start what a person stopped', async () => {
    const { services } = await apply(admin, fresh(), file('init: true'));
    const id = services[0]?.id ?? '';
    await stopService(world.deps, admin, id);
    const service = await getService(world.database.prisma, id);
    await expect(rollToTag(world.deps, systemContext('webhook'), service, '2')).rejects.toMatchObject({
      code: 'conflict.state',
      message: 'web is stopped: a webhook does not start it.',
    });
    expect(await getService(world.database.prisma, id)).toMatchObject({ desired: 'stopped' });
  });

  it('S-4 neither scaling up nor a webhook passes by a range of ports that was narrowed since', async () => {
    const { prisma } = world.database;
    const { services } = await apply(admin, fresh(), file('ports: ["8500:80"]'));
    const id = services[0]?.id ?? '';
    await prisma.project.updateMany({ where: { path: '/shop' }, data: { portTo: 8400 } });
    const refused = { code: 'plan.refused', message: expect.stringContaining('8500') };
    const service = await getService(prisma, id);
    await expect(scaleService(world.deps, admin, id, 2)).rejects.toMatchObject(refused);
    await expect(rollToTag(world.deps, systemContext('webhook'), service, '2')).rejects.toMatchObject(
      refused,
    );
    await scaleService(world.deps, admin, id, 0);
    await prisma.project.updateMany({ where: { path: '/shop' }, data: { portTo: 8999 } });
  });

  it('S-4 the verdict on a spec is the same for a new stack and for an update', async () => {
    const keys = fc.record(
      {
        privileged: fc.boolean(),
        pid: fc.constantFrom('host'),
        cap_add: fc.subarray(['NET_ADMIN', 'CHOWN', 'KILL']),
        volumes: fc.subarray(['/etc:/e', 'data:/d']),
        read_only: fc.boolean(),
      },
      { requiredKeys: [] },
    );
    const verdict = async (name: string, text: string): Promise<string> =>
      apply(restricted, name, text).then(
        () => 'taken',
        (error: { code: string }) => error.code,
      );
    const name = fresh();
    await apply(restricted, name, file('command: ["true"]'));
    await fc.assert(
      fc.asyncProperty(keys, async (spec) => {
        const lines = Object.entries(spec).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
        const text = file(lines.join('\n') || 'init: true', 'volumes: { data: {} }');
        expect(await verdict(fresh(), text)).toBe(await verdict(name, text));
      }),
      { numRuns: 12 },
    );
  });
});
