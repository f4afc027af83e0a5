import { randomBytes } from 'node:crypto';
import type { Permission } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../platform/db/test-database.ts';
import { createContext, type RequestContext } from '../platform/http/context.ts';
import { createKeys } from '../platform/keys/cluster-key.ts';
import { type FakeRegistry, startFakeRegistry } from '../registry/test-registry.ts';
import { createFakeAgents } from '../rollouts/test-agents.ts';
import { applyDeploy, type DeployDeps } from './deploy.service.ts';
import { restartService, rollService, scaleService } from './operations.service.ts';
import { takeOver } from './take-over.service.ts';
import type { HostVolume } from './take-over-volumes.ts';

const TAKES_OVER: Permission[] = [
  'service.deploy',
  'service.scale',
  'service.stop',
  'node.edit',
  'stack.read',
];

const contextOf = (permissions?: Permission[]): RequestContext => {
  const who = { userId: uuid(), name: 'someone', administrator: true, permissions };
  const ctx = createContext({ kind: 'token', ...who }, { address: '127.0.0.1', via: 'token' });
  ctx.authorize('service.deploy', '/');
  return ctx;
};

describe('what a take-over may take', { timeout: 120_000 }, () => {
  let test: TestDatabase;
  let registry: FakeRegistry;
  let nodeId: string;
  const admin = contextOf();
  const restricted = contextOf(TAKES_OVER);

  beforeAll(async () => {
    test = await createTestDatabase();
    registry = await startFakeRegistry();
    registry.push('shop/web', '1');
    const { prisma } = test.database;
    const root = uuid();
    await prisma.project.create({ data: { id: root, path: '/' } });
    await prisma.cluster.create({ data: { id: uuid(), name: 'test', keyCheck: '' } });
    await prisma.registry.create({
      data: { id: uuid(), projectId: root, host: registry.host, plainHttp: true, allowPrivateAddress: true },
    });
    nodeId = await createFakeAgents(test.database).addNode('a');
  });
  afterAll(async () => {
    await registry.close();
    await test.drop();
  });

  type Foreign = { id: string; project: string; volumes: HostVolume[] };
  const container = ({ id, project, volumes }: Foreign) => ({
    ...{ id, name: id, image: 'x', imageId: 'y', state: 'running', status: 'Up', ports: [], volumes },
    ...{ createdAt: new Date().toISOString(), compose: { project, service: 'web', number: 1 } },
  });
  const depsWith = (...foreign: Foreign[]): DeployDeps => ({
    database: test.database,
    keys: createKeys(randomBytes(32)),
    askAgent: (async () => foreign.map(container)) as unknown as DeployDeps['askAgent'],
  });
  const volume = (name: string, more: Partial<HostVolume> = {}): HostVolume => ({
    ...{ name, target: '/data', driver: 'local', driverOptions: {}, composeProject: 'legacy' },
    ...more,
  });

  let unique = 0;
  const fresh = (): string => `stack-${++unique}`;
  const text = (data = '{}', service = '') =>
    `services:\n  web:\n    image: ${registry.host}/shop/web:1\n    volumes: ["data:/data"]\n${service}volumes: { data: ${data} }\n`;
  const sent = (file: string) => ({
    files: { 'compose.yaml': file },
    ...{ entry: 'compose.yaml', values: {}, profiles: [] },
  });
  const take = (ctx: RequestContext, deps: DeployDeps, file = text(), stackName = fresh()) =>
    takeOver(deps, ctx, { nodeId, project: '/', composeProject: 'legacy', stackName, sent: sent(file) });
  const expectRefused = async (taken: Promise<unknown>, message: string): Promise<void> => {
    const before = await test.database.prisma.stack.count();
    await expect(taken).rejects.toMatchObject({ message: expect.stringContaining(message) });
    expect(await test.database.prisma.stack.count()).toBe(before);
  };

  it("S-39 not another stack's volume: neither by its name at the engine nor as an external one of the file", async () => {
    const foreign = { id: uuid(), project: 'legacy', volumes: [volume('legacy_one')] };
    await take(admin, depsWith(foreign));
    const again = { ...foreign, id: uuid() };
    await expectRefused(take(admin, depsWith(again)), "it is another stack's");
    const ours = { id: uuid(), project: 'legacy', volumes: [volume(`pr-${uuid()}`)] };
    await expectRefused(take(admin, depsWith(ours)), "it is another stack's");

    const other = fresh();
    await applyDeploy(depsWith(), admin, { project: '/', name: other, sent: sent(text()) });
    const external = { id: uuid(), project: 'legacy', volumes: [volume('legacy_two')] };
    const theirs = text(`{ external: true, name: ${other}_data }`);
    await expectRefused(take(admin, depsWith(external), theirs), 'takes data from another stack');
  });

  it('S-39 not a volume of another Compose project, and none that a container outside the project uses', async () => {
    const labelled = volume('other_data', { composeProject: 'other' });
    await expectRefused(
      take(admin, depsWith({ id: uuid(), project: 'legacy', volumes: [labelled] })),
      'it belongs to the Compose project other',
    );
    const shared = volume('shared', { composeProject: undefined });
    await expectRefused(
      take(
        admin,
        depsWith(
          { id: uuid(), project: 'legacy', volumes: [shared] },
          { id: uuid(), project: 'other', volumes: [shared] },
        ),
      ),
      'a container that is not of legacy uses it too',
    );
  });

  it('S-2 a volume that is a folder of the host needs the right to mount that folder, then and ever after', async () => {
    const bind = volume('legacy_bind', { driverOptions: { type: 'none', o: 'bind', device: '/srv/data' } });
    const foreign = { id: uuid(), project: 'legacy', volumes: [bind] };
    await expectRefused(take(restricted, depsWith(foreign)), 'host.bind-mount');
    const socket = volume('legacy_run', { driverOptions: { type: 'none', o: 'rbind', device: '/run' } });
    await expectRefused(
      take(contextOf([...TAKES_OVER, 'host.bind-mount']), depsWith({ ...foreign, volumes: [socket] })),
      'host.engine-socket',
    );

    const deps = depsWith(foreign);
    const name = fresh();
    const stackId = await take(admin, deps, text(), name);
    const { prisma } = test.database;
    const { id } = await prisma.service.findFirstOrThrow({ where: { stackId } });
    expect(await prisma.volume.findFirstOrThrow({ where: { stackId } })).toMatchObject({
      engineName: 'legacy_bind',
      driverOptions: { type: 'none', o: 'bind', device: '/srv/data' },
    });
    const refused = { code: 'permission.missing', message: expect.stringContaining('host.bind-mount') };
    await expect(scaleService(deps, restricted, id, 5)).rejects.toMatchObject(refused);
    await expect(restartService(deps, restricted, id)).rejects.toMatchObject(refused);
    const changed = sent(text('{}', '    command: ["true"]\n'));
    await expect(applyDeploy(deps, restricted, { project: '/', name, sent: changed })).rejects.toMatchObject({
      code: 'permission.missing',
    });
    await applyDeploy(deps, admin, { project: '/', name, sent: changed });
    await expect(rollService(deps, restricted, id, 1)).rejects.toMatchObject(refused);
  });

  it('S-2 what is neither plain nor a folder is not taken over by anybody, nor what its host does not tell of', async () => {
    for (const [more, message] of [
      [{ driverOptions: { type: 'nfs', o: 'addr=10.0.0.1', device: ':/' } }, 'a mount of :/'],
      [{ driverOptions: { type: 'ext4', device: '/dev/sda1' } }, 'a mount of /dev/sda1'],
      [{ driver: 'plugin' }, 'the driver plugin'],
      [{ driver: undefined }, 'Upgrade'],
    ] as const) {
      const foreign = { id: uuid(), project: 'legacy', volumes: [volume('legacy_x', more)] };
      const taken = take(admin, depsWith(foreign));
      await expect(taken).rejects.toMatchObject({ code: 'plan.refused' });
      await taken.catch((error) => expect(`${error.message} ${error.hint}`).toContain(message));
    }
  });

  it('a container is taken over by one stack only', async () => {
    const foreign = { id: uuid(), project: 'legacy', volumes: [] };
    await take(admin, depsWith(foreign));
    await expectRefused(take(admin, depsWith(foreign)), 'Another stack takes over legacy already');
    const other = depsWith({ id: uuid(), project: 'legacy', volumes: [volume('legacy_race')] });
    const both = await Promise.allSettled([take(admin, other), take(admin, other), take(admin, other)]);
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const rows = await test.database.prisma.volume.findMany({ where: { engineName: 'legacy_race' } });
    expect(rows).toHaveLength(1);
  });
});
