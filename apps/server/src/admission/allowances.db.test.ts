import { BUILT_IN_ROLES, type Permission } from '@portreeve/domain';
import { describe, expect, it } from 'vitest';
import type { RequestContext } from '../platform/http/context.ts';
import { steerRollout } from '../rollouts/steering.service.ts';
import { applyDeploy } from '../stacks/deploy.service.ts';
import {
  restartService,
  rollService,
  rollToTag,
  scaleService,
  startService,
} from '../stacks/operations.service.ts';
import { getService } from '../stacks/service-target.store.ts';
import { useAdmissionWorld } from './test-world.ts';

const { fullControl, projectAdministrator, restrictedControl, clusterAdministrator } = BUILT_IN_ROLES;

const PRIVILEGES: [service: string, permission: Permission][] = [
  ['privileged: true', 'host.privileged'],
  ['cap_add: [SYS_ADMIN]', 'host.capabilities'],
  ['devices: ["/dev/fuse:/dev/fuse"]', 'host.devices'],
  ['pid: host', 'host.namespaces'],
  ['network_mode: host', 'host.namespaces'],
  ['security_opt: ["seccomp=unconfined"]', 'host.security-opt'],
  ['sysctls: { kernel.msgmax: 65536 }', 'host.sysctls'],
  ['volumes: ["/etc:/host:ro"]', 'host.bind-mount'],
  ['volumes: ["/var/run/docker.sock:/s"]', 'host.engine-socket'],
];
const ALL = [...new Set(PRIVILEGES.map(([, permission]) => permission))];
const REFUSED = { code: 'permission.missing' };

describe('privileges of the host', { timeout: 120_000 }, () => {
  const world = useAdmissionWorld();
  const { admin, holding, file, sent, apply, fresh } = world;
  const unallowed = holding(fullControl);

  describe.each(PRIVILEGES)('%s', (service, permission) => {
    it('is off in full control where no administrator allowed it, above or in the project', async () => {
      for (const ctx of [
        unallowed,
        holding(projectAdministrator),
        holding(clusterAdministrator),
        holding(fullControl, { '/other': ALL, '/shop/prod': ALL }),
        holding(fullControl, { '/shop': ALL.filter((one) => one !== permission) }),
      ])
        await expect(apply(ctx, fresh(), file(service))).rejects.toMatchObject(REFUSED);
    });
    it('is off in lesser roles where it is allowed', async () => {
      const ctx = holding(restrictedControl, { '/shop': ALL });
      await expect(apply(ctx, fresh(), file(service))).rejects.toMatchObject(REFUSED);
    });
    it.each(['/shop', '/'])('is on in full control once %s allows it', async (path) => {
      // The engine's socket is mounted, and a mount of the host besides.
      const also: Permission[] = permission === 'host.engine-socket' ? ['host.bind-mount'] : [];
      const ctx = holding(fullControl, { [path]: [permission, ...also] });
      await expect(apply(ctx, fresh(), file(service))).resolves.toMatchObject({ services: [{}] });
    });
    it('is refused though it comes by extends or by a merge key', async () => {
      const base = file(service).replace('  web:', '  base:');
      const files: Record<string, string>[] = [
        { 'compose.yaml': file('extends: { file: base.yaml, service: base }'), 'base.yaml': base },
        {
          'compose.yaml': `x-host: &host\n  ${service}\n${file('<<: *host')}`,
        },
      ];
      for (const each of files)
        await expect(
          applyDeploy(world.deps, unallowed, {
            ...{ project: '/shop', name: fresh() },
            sent: { ...sent(''), files: each },
          }),
        ).rejects.toMatchObject(REFUSED);
    });
  });

  it('needs no allowance for a cluster administrator at the root', async () => {
    const ctx = holding(clusterAdministrator, {}, '/');
    await expect(apply(ctx, fresh(), file('privileged: true'))).resolves.toMatchObject({ services: [{}] });
  });

  it('tell who may not, that the project does not allow it, and who could', async () => {
    await expect(apply(unallowed, fresh(), file('privileged: true'))).rejects.toMatchObject({
      details: [
        { hint: expect.stringContaining('the project does not allow it: a cluster administrator can') },
      ],
    });
  });

  describe('once deployed by who may', () => {
    const deployed = async (isOld: boolean): Promise<string> => {
      const name = fresh();
      const { services } = await apply(admin, name, file('privileged: true\ndeploy: { replicas: 0 }'));
      if (isOld) await apply(admin, name, file('deploy: { replicas: 0 }'));
      return services[0]?.id ?? '';
    };
    const roads: [string, (ctx: RequestContext, id: string) => Promise<unknown>][] = [
      ['an old revision', (ctx, id) => rollService(world.deps, ctx, id, 1)],
      ['scaling up', (ctx, id) => scaleService(world.deps, ctx, id, 2)],
      ['a restart', (ctx, id) => restartService(world.deps, ctx, id)],
      ['a start', (ctx, id) => startService(world.deps, ctx, id)],
      [
        'a new tag',
        async (ctx, id) => rollToTag(world.deps, ctx, await getService(world.database.prisma, id), '2'),
      ],
      [
        'a rollout that goes on',
        async (ctx, id) => {
          const { prisma } = world.database;
          const rollout = (await getService(prisma, id)).rollout?.id ?? '';
          await prisma.rollout.update({ where: { id: rollout }, data: { state: 'paused' } });
          return steerRollout(world.deps, ctx, rollout, 'resume');
        },
      ],
    ];
    it.each(roads)('are not had by %s without the allowance', async (way, road) => {
      const id = await deployed(way === 'an old revision');
      await expect(road(unallowed, id)).rejects.toMatchObject(REFUSED);
      await expect(road(holding(restrictedControl, { '/shop': ALL }), id)).rejects.toMatchObject(REFUSED);
    });
    it('end with the allowance: what ran goes on, and is not started again', async () => {
      const ctx = holding(fullControl, { '/shop': ['host.privileged'] });
      const name = fresh();
      const { services } = await apply(ctx, name, file('privileged: true'));
      const id = services[0]?.id ?? '';
      await expect(restartService(world.deps, unallowed, id)).rejects.toMatchObject(REFUSED);
      await expect(scaleService(world.deps, unallowed, id, 0)).resolves.toBeDefined();
    });
  });
});
