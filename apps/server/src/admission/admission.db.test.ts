import { randomBytes } from 'node:crypto';
import type { Permission } from '@portreeve/domain';
import fc from 'fast-check';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../platform/db/test-database.ts';
import { createContext, type RequestContext, systemContext } from '../platform/http/context.ts';
import { createKeys } from '../platform/keys/cluster-key.ts';
import { openRegistry } from '../registry/registry-client.ts';
import { type FakeRegistry, startFakeRegistry } from '../registry/test-registry.ts';
import { everyService } from '../rollouts/dirty.store.ts';
import { stepServices } from '../rollouts/step.ts';
import { createFakeAgents } from '../rollouts/test-agents.ts';
import { applyDeploy, type DeployDeps, planDeploy } from '../stacks/deploy.service.ts';
import {
  restartService,
  rollService,
  rollToTag,
  scaleService,
  startService,
  stopService,
} from '../stacks/operations.service.ts';
import { createRevisionCache } from '../stacks/revision-cache.ts';
import { getService } from '../stacks/service-target.store.ts';

const ORDINARY: Permission[] = [
  'service.deploy',
  'service.scale',
  'service.stop',
  'stack.read',
  'service.env.read',
];

describe('what may run', { timeout: 120_000 }, () => {
  let test: TestDatabase;
  let registry: FakeRegistry;
  let deps: DeployDeps;
  const contextOf = (permissions?: Permission[]): RequestContext => {
    const who = { userId: uuid(), name: 'someone', administrator: true, permissions };
    const ctx = createContext({ kind: 'token', ...who }, { address: '127.0.0.1', via: 'token' });
    ctx.authorize('service.deploy', '/shop');
    return ctx;
  };
  const restricted = contextOf(ORDINARY);
  const admin = contextOf();

  beforeAll(async () => {
    test = await createTestDatabase();
    registry = await startFakeRegistry();
    const { prisma } = test.database;
    const root = uuid();
    await prisma.project.create({ data: { id: root, path: '/' } });
    await prisma.project.create({
      data: { id: uuid(), path: '/shop', parentId: root, portFrom: 8000, portTo: 8999 },
    });
    await prisma.project.create({ data: { id: uuid(), path: '/other', parentId: root } });
    await prisma.cluster.create({ data: { id: uuid(), name: 'test', keyCheck: '' } });
    await prisma.registry.create({
      data: { id: uuid(), projectId: root, host: registry.host, plainHttp: true, allowPrivateAddress: true },
    });
    await createFakeAgents(test.database).addNode('a');
    deps = {
      database: test.database,
      keys: createKeys(randomBytes(32)),
      askAgent: () => Promise.reject(new Error('no agent here')),
    };
    for (const tag of ['1', '2']) registry.push('shop/web', tag);
  });
  afterAll(async () => {
    await registry.close();
    await test.drop();
  });

  const file = (service: string, more = '') => `
services:
  web:
    image: ${registry.host}/shop/web:1
${service
  .split('\n')
  .map((line) => `    ${line}`)
  .join('\n')}
${more}`;
  const sent = (text: string) => ({
    files: { 'compose.yaml': text },
    entry: 'compose.yaml',
    values: {},
    profiles: [],
  });
  const apply = (ctx: RequestContext, name: string, text: string, project = '/shop') =>
    applyDeploy(deps, ctx, { project, name, sent: sent(text) });
  const stacks = () => test.database.prisma.stack.count();
  let unique = 0;
  const fresh = (): string => `stack-${++unique}`;

  /** Refused with 403 on a first apply, and on an update of a benign stack; nothing is stored either time. */
  const expectRefused = async (service: string, permission: string, more = ''): Promise<void> => {
    const before = await stacks();
    await expect(apply(restricted, fresh(), file(service, more))).rejects.toMatchObject({
      code: 'permission.missing',
      details: expect.arrayContaining([
        expect.objectContaining({ message: expect.stringContaining(permission) }),
      ]),
    });
    expect(await stacks()).toBe(before);
    const name = fresh();
    const { stackId } = await apply(restricted, name, file('command: ["true"]'));
    await expect(apply(restricted, name, file(service, more))).rejects.toMatchObject({
      code: 'permission.missing',
    });
    expect(await test.database.prisma.stackVersion.count({ where: { stackId } })).toBe(1);
    const plan = await planDeploy(deps, restricted, {
      project: '/shop',
      name,
      sent: sent(file(service, more)),
      draft: false,
    });
    expect(plan.applicable).toBe(false);
    expect(plan.refusals).toContainEqual(expect.objectContaining({ permission }));
  };

  it.each([
    '/var/run/docker.sock',
    '/run/docker.sock',
    '/var/run/../run/docker.sock',
    '/',
    '/proc',
    '//var//run/docker.sock',
  ])('S-1 a bind of %s needs the right to the engine, on create and update', (path) =>
    expectRefused(`volumes: ["${path}:/host"]`, 'host.engine-socket'),
  );

  it('S-1 any other path of the host needs the right to bind', () =>
    expectRefused('volumes: ["/etc:/host:ro"]', 'host.bind-mount'));

  it.each([
    ['{ driver_opts: { type: none, o: bind, device: / } }'],
    ['{ driver_opts: { type: none, o: "bind,ro", device: / } }'],
    ['{ driver_opts: { type: none, o: rbind, device: / } }'],
    ['{ driver_opts: { type: nfs, o: "addr=10.0.0.1", device: ":/" } }'],
    ['{ driver: other }'],
  ])('S-2 a volume %s that is a bind in disguise is refused for everyone', async (volume) => {
    const text = file('volumes: ["data:/data"]', `volumes:\n  data: ${volume}\n`);
    await expect(apply(admin, fresh(), text)).rejects.toMatchObject({ code: 'compose.invalid' });
  });

  it('S-2 the long syntax of a bind is a bind', () =>
    expectRefused('volumes: [{ type: bind, source: /etc, target: /host }]', 'host.bind-mount'));

  it.each([
    ['privileged: true', 'host.privileged'],
    ['cap_add: [ALL]', 'host.capabilities'],
    ['cap_add: [SYS_ADMIN]', 'host.capabilities'],
    ['cap_add: [NET_ADMIN]', 'host.capabilities'],
    ['cap_add: [SYS_PTRACE]', 'host.capabilities'],
    ['cap_add: [cap_sys_admin]', 'host.capabilities'],
    ['devices: ["/dev/sda:/dev/sda"]', 'host.devices'],
    ['pid: host', 'host.namespaces'],
    ['ipc: host', 'host.namespaces'],
    ['network_mode: host', 'host.namespaces'],
    ['security_opt: ["seccomp=unconfined"]', 'host.security-opt'],
    ['security_opt: ["apparmor=unconfined"]', 'host.security-opt'],
    ['security_opt: ["label=disable"]', 'host.security-opt'],
    ['sysctls: { kernel.msgmax: 65536 }', 'host.sysctls'],
  ])('S-3 %s needs the permission %s', (key, permission) => expectRefused(key, permission));

  it.each([
    'uts: host',
    'userns_mode: host',
    'cgroup: host',
    'network_mode: "container:other"',
    'device_cgroup_rules: ["c 1:3 mr"]',
    'cgroup_parent: /other',
    'runtime: other',
    'gpus: all',
    'volumes_from: [other]',
  ])('S-3 %s is refused for everyone, with its place in the file', async (key) => {
    await expect(apply(admin, fresh(), file(key))).rejects.toMatchObject({
      code: 'compose.invalid',
      details: [expect.objectContaining({ line: expect.any(Number) })],
    });
  });

  it('S-4 what an administrator deployed is asked for again on every other way to it', async () => {
    const name = fresh();
    const { services } = await apply(admin, name, file('privileged: true\ndeploy: { replicas: 0 }'));
    const id = services[0]?.id ?? '';
    await apply(admin, name, file('deploy: { replicas: 0 }'));
    const refused = { code: 'permission.missing' };
    await expect(rollService(deps, restricted, id, 1)).rejects.toMatchObject(refused);
    await expect(rollService(deps, restricted, id, undefined)).rejects.toMatchObject(refused);
    await rollService(deps, admin, id, 1);
    await expect(scaleService(deps, restricted, id, 3)).rejects.toMatchObject(refused);
    await expect(restartService(deps, restricted, id)).rejects.toMatchObject(refused);
    await expect(startService(deps, restricted, id)).rejects.toMatchObject(refused);
    const service = await getService(test.database.prisma, id);
    await expect(rollToTag(deps, systemContext('webhook'), service, '2')).rejects.toMatchObject(refused);
  });

  it('S-4 what somebody else applies between the question and the change is not started by who may not', async () => {
    const name = fresh();
    const { services } = await apply(admin, name, file('init: true'));
    const id = services[0]?.id ?? '';
    let round = 0;
    /** Somebody who may applies something privileged right before the change is stored. */
    const late: DeployDeps = {
      ...deps,
      database: {
        ...deps.database,
        transaction: async (work, options) => {
          round += 1;
          await apply(admin, name, file(`privileged: true\ncommand: ["${round}"]`));
          return deps.database.transaction(work, options);
        },
      },
    };
    const benign = () => apply(admin, name, file(`init: true\ncommand: ["${++round}"]`));
    const moved = { code: 'conflict.version' };
    await expect(scaleService(late, restricted, id, 3)).rejects.toMatchObject(moved);
    await benign();
    await expect(restartService(late, restricted, id)).rejects.toMatchObject(moved);
    await benign();
    const service = await getService(test.database.prisma, id);
    await expect(rollToTag(late, systemContext('webhook'), service, '2')).rejects.toMatchObject(moved);
    expect(await getService(test.database.prisma, id)).toMatchObject({ replicas: 1 });
  });

  it('S-4 a webhook does not start what a person stopped', async () => {
    const { services } = await apply(admin, fresh(), file('init: true'));
    const id = services[0]?.id ?? '';
    await stopService(deps, admin, id);
    const service = await getService(test.database.prisma, id);
    await expect(rollToTag(deps, systemContext('webhook'), service, '2')).rejects.toMatchObject({
      code: 'conflict.state',
      message: 'web is stopped: a webhook does not start it.',
    });
    expect(await getService(test.database.prisma, id)).toMatchObject({ desired: 'stopped' });
  });

  it('S-4 neither scaling up nor a webhook passes by a range of ports that was narrowed since', async () => {
    const { prisma } = test.database;
    const { services } = await apply(admin, fresh(), file('ports: ["8500:80"]'));
    const id = services[0]?.id ?? '';
    await prisma.project.updateMany({ where: { path: '/shop' }, data: { portTo: 8400 } });
    const refused = { code: 'plan.refused', message: expect.stringContaining('8500') };
    const service = await getService(prisma, id);
    await expect(scaleService(deps, admin, id, 2)).rejects.toMatchObject(refused);
    await expect(rollToTag(deps, systemContext('webhook'), service, '2')).rejects.toMatchObject(refused);
    await scaleService(deps, admin, id, 0);
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

  it.each([
    ['169.254.169.254', 'https'],
    ['127.0.0.1:5432', 'https'],
    ['[::1]', 'https'],
    ['localhost:5432', 'https'],
    ['[::ffff:127.0.0.1]', 'https'],
    ['10.0.0.1', 'https'],
  ])('S-34 a registry at %s is not asked unless an administrator allowed it', async (host) => {
    const client = openRegistry({ host, plainHttp: false, allowPrivateAddress: false });
    await expect(client.manifest({ registry: host, repository: 'x', tag: '1' })).rejects.toMatchObject({
      code: 'registry.unreachable',
      message: expect.stringContaining('not an address of the public internet'),
    });
    await client.close();
  });

  it.each([
    'Bearer realm="http://internal/token"',
    'Bearer realm="https://169.254.169.254/token"',
    'Bearer realm="file:///etc/passwd"',
    'Bearer realm="https://user:secret@127.0.0.1/token"',
    'Bearer realm="gopher://127.0.0.1/"',
  ])('S-34 credentials never follow a challenge to %s', async (challenge) => {
    registry.challenge = challenge;
    registry.asked.length = 0;
    const client = openRegistry({
      ...{ host: registry.host, plainHttp: true, allowPrivateAddress: true },
      ...{ username: 'robot', password: 'canary' },
    });
    await expect(
      client.manifest({ registry: registry.host, repository: 'shop/web', tag: '1' }),
    ).rejects.toMatchObject({
      message: expect.stringContaining('not its own host'),
    });
    expect(registry.asked.every(({ authorization }) => authorization === undefined)).toBe(true);
    registry.challenge = undefined;
    await client.close();
  });

  it('S-39 an external network or volume is one of the project, never of another or of an engine', async () => {
    await apply(
      admin,
      'theirs',
      file('networks: [inside]\nvolumes: ["data:/d"]', 'networks: { inside: {} }\nvolumes: { data: {} }'),
      '/other',
    );
    const before = await stacks();
    for (const [service, more] of [
      ['networks: [n]', 'networks: { n: { external: true, name: theirs_inside } }'],
      ['networks: [n]', 'networks: { n: { external: true, name: bridge } }'],
      ['volumes: ["v:/d"]', 'volumes: { v: { external: true, name: theirs_data } }'],
    ] as const)
      await expect(apply(admin, fresh(), file(service, more))).rejects.toMatchObject({
        code: 'permission.missing',
      });
    expect(await stacks()).toBe(before);
  });

  it('S-39 an external network of another stack of the project is joined', async () => {
    await apply(admin, 'ours', file('networks: [inside]', 'networks: { inside: {} }'));
    const name = fresh();
    const { stackId } = await apply(
      admin,
      name,
      file('networks: [n]', 'networks: { n: { external: true, name: ours_inside } }'),
    );
    expect(await test.database.prisma.network.count({ where: { stackId } })).toBe(0);
  });

  it.each(['22:80', '7400:80', '7401:80', '80:80', '7390-7410:80', '9000:80'])(
    'S-41 the host port %s is refused with the range that the project may use',
    async (port) => {
      await expect(apply(admin, fresh(), file(`ports: ["${port}"]`))).rejects.toMatchObject({
        code: 'plan.refused',
        hint: expect.stringContaining('8000–8999'),
      });
    },
  );

  it("S-41 the ports of ssh, of names and tunnels, and of every server are nobody else's, wherever they are set", async () => {
    const { prisma } = test.database;
    const root = await prisma.project.findFirstOrThrow({ where: { path: '/' } });
    await prisma.project.create({
      data: { id: uuid(), path: '/wide', parentId: root.id, portFrom: 1, portTo: 65_535 },
    });
    await prisma.project.update({ where: { id: root.id }, data: { portFrom: 1 } });
    const servers = [
      ['https://console.example:9443', 'https://console.example:9444'],
      ['https://second.example', 'https://second.example:9555'],
    ] as const;
    for (const [url, agentUrl] of servers) {
      const at = new Date();
      const row = { id: uuid(), url, agentUrl, version: '1', startedAt: at, seenAt: at };
      await prisma.server.create({ data: row });
    }
    for (const port of [22, 53, 4790, 9443, 9444, 443, 9555])
      await expect(apply(admin, fresh(), file(`ports: ["${port}:80"]`), '/wide')).rejects.toMatchObject({
        code: 'plan.refused',
        message: expect.stringContaining(`port ${port} of the host: it is the host's or Portreeve's own`),
      });
    await apply(admin, fresh(), file('ports: ["7400:80"]'), '/wide');
  });

  it('S-41 a project narrowed later binds the projects below it at once, on every way', async () => {
    const { prisma } = test.database;
    const shop = await prisma.project.findFirstOrThrow({ where: { path: '/shop' } });
    await prisma.project.create({
      data: { id: uuid(), path: '/shop/below', parentId: shop.id, portFrom: 8600, portTo: 8700 },
    });
    const { services } = await apply(admin, fresh(), file('ports: ["8650:80"]'), '/shop/below');
    const id = services[0]?.id ?? '';
    const narrow = (portTo: number) => prisma.project.update({ where: { id: shop.id }, data: { portTo } });
    const refused = (message: string) => ({
      code: 'plan.refused',
      message: expect.stringContaining(message),
    });
    await narrow(8640);
    const again = apply(admin, fresh(), file('ports: ["8650:80"]'), '/shop/below');
    await expect(again).rejects.toMatchObject(refused('/shop/below may use 8600–8640'));
    await expect(scaleService(deps, admin, id, 2)).rejects.toMatchObject(refused('8600–8640'));
    await expect(restartService(deps, admin, id)).rejects.toMatchObject(refused('8600–8640'));
    await narrow(8500);
    await expect(restartService(deps, admin, id)).rejects.toMatchObject(refused('may use no ports'));
    await narrow(8999);
    await restartService(deps, admin, id);
  });

  it('S-41 a host port that another service has on every node is refused', async () => {
    const { prisma } = test.database;
    await apply(admin, fresh(), file('ports: ["8080:80"]'));
    await stepServices(test.database, createRevisionCache(), await everyService(prisma), new Date());
    await expect(apply(admin, fresh(), file('ports: ["8080:80"]'))).rejects.toMatchObject({
      code: 'plan.refused',
      message: expect.stringContaining('8080'),
    });
  });

  it('a subnet of its own lies within the address pool, or the whole file is refused', async () => {
    const of = (subnet: string) =>
      file('networks: [n]', `networks: { n: { ipam: { config: [{ subnet: ${subnet} }] } } }`);
    const before = await stacks();
    for (const subnet of ['192.168.1.0/24', '10.0.0.0/8', '0.0.0.0/0'])
      await expect(apply(admin, fresh(), of(subnet))).rejects.toMatchObject({
        code: 'plan.refused',
        message: expect.stringContaining('10.200.0.0/13'),
      });
    expect(await stacks()).toBe(before);
    const { stackId } = await apply(admin, fresh(), of('10.207.8.0/24'));
    expect(await test.database.prisma.network.findFirst({ where: { stackId } })).toMatchObject({
      subnet: '10.207.8.0/24',
    });
  });

  it('S-40 an image that the registry does not show to the project is refused, known digest or not', async () => {
    const digest = registry.push('secret/app', '1');
    registry.challenge = `Basic realm="x"`;
    const text = file('init: true').replace(/image: .*/, `image: ${registry.host}/secret/app@${digest}`);
    await expect(apply(admin, fresh(), text)).rejects.toMatchObject({ code: 'image.unresolvable' });
    registry.challenge = undefined;
  });

  it('applies exactly the plan that was shown, once, and refuses one whose tag has moved, with the difference', async () => {
    const name = fresh();
    const request = { project: '/shop', name, sent: sent(file('init: true')), draft: false };
    const stale = await planDeploy(deps, admin, request);
    registry.push('shop/web', '1');
    await expect(
      applyDeploy(deps, admin, { project: '/shop', name, planId: stale.id ?? '' }),
    ).rejects.toMatchObject({
      code: 'plan.moved',
      message: expect.stringContaining('the image of web'),
    });
    const plan = await planDeploy(deps, admin, request);
    await applyDeploy(deps, admin, { project: '/shop', name, planId: plan.id ?? '' });
    await expect(
      applyDeploy(deps, admin, { project: '/shop', name, planId: plan.id ?? '' }),
    ).rejects.toMatchObject({
      code: 'plan.moved',
    });
  });

  it('refuses a plan when someone scaled the stack since', async () => {
    const name = fresh();
    const { services } = await apply(admin, name, file('init: true'));
    const plan = await planDeploy(deps, admin, {
      project: '/shop',
      name,
      sent: sent(file('init: false')),
      draft: false,
    });
    await scaleService(deps, admin, services[0]?.id ?? '', 2);
    await expect(
      applyDeploy(deps, admin, { project: '/shop', name, planId: plan.id ?? '' }),
    ).rejects.toMatchObject({
      code: 'plan.moved',
      message: expect.stringContaining('the stack'),
    });
  });

  it('changes rules of an update without a new task', async () => {
    const name = fresh();
    await apply(admin, name, file('init: true'));
    const { prisma } = test.database;
    await prisma.rollout.updateMany({ data: { state: 'succeeded', endedAt: new Date() } });
    const again = await apply(admin, name, file('init: true\ndeploy: { update_config: { parallelism: 3 } }'));
    expect(again.services).toMatchObject([{ action: 'update', rolloutId: null }]);
  });
});
