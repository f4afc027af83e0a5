import { BUILT_IN_ROLES } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowserSocket } from '../live/test-socket.ts';
import { type Client, startTestServer, type TestServer } from '../test-server.ts';
import { projectAt, signInWith } from './test-people.ts';

const { viewOnly, fullControl, projectAdministrator, clusterAdministrator } = BUILT_IN_ROLES;

let test: TestServer;
const stacks = new Map<string, { stack: string; service: string }>();

const addStack = async (project: string, name: string): Promise<void> => {
  const { prisma } = test.server.platform.database;
  const projectId = await projectAt(test, project);
  const [stack, service] = [uuid(), uuid()];
  await prisma.stack.create({ data: { id: stack, projectId, name } });
  await prisma.service.create({ data: { id: service, stackId: stack, name: 'web', replicas: 1 } });
  stacks.set(name, { stack, service });
};
const names = async (client: Client, path: string): Promise<string[]> => {
  const { status, json, text } = await client.call('GET', path);
  expect(status, text).toBe(200);
  return (json as { items: { name?: string; path?: string; stackName?: string }[] }).items.map(
    ({ name, path: at, stackName }) => stackName ?? name ?? at ?? '',
  );
};

beforeAll(async () => {
  test = await startTestServer();
  await addStack('/', 'rooted');
  await addStack('/shop', 'shop');
  await addStack('/shop/prod', 'prod');
  await addStack('/bank', 'bank');
});
afterAll(() => test.close());

describe('lists', () => {
  let ada: Client;
  beforeAll(async () => {
    ada = await signInWith(test, 'ada', [{ role: viewOnly, project: '/shop' }]);
  });

  it('show what lies in the projects in which somebody may see it, and below them', async () => {
    expect(await names(ada, '/stacks')).toEqual(['prod', 'shop']);
    expect(await names(ada, '/services')).toEqual(['prod', 'shop']);
    expect(await names(ada, '/projects')).toEqual(['/shop', '/shop/prod']);
    expect(await names(ada, '/stacks?project=/shop/prod')).toEqual(['prod']);
  });
  it('find nothing else by name either', async () => {
    const { json } = await ada.call('GET', '/search?q=b');
    expect((json as { items: { name: string }[] }).items.map(({ name }) => name)).toEqual(['web', 'web']);
  });
  it('count nothing else in the overview', async () => {
    const { json } = await ada.call('GET', '/overview');
    const { services } = json as { services: Record<string, number> };
    expect(Object.values(services).reduce((sum, n) => sum + n, 0)).toBe(2);
  });
  it('are empty for somebody who was granted nothing', async () => {
    const nobody = await signInWith(test, 'nemo', []);
    const { status, json } = await nobody.call('GET', '/stacks');
    expect(status).toBe(403);
    expect(json).toMatchObject({ code: 'permission.missing' });
  });
});

describe('what somebody may not see', () => {
  let ada: Client;
  beforeAll(async () => {
    ada = await signInWith(test, 'ada-2', [{ role: fullControl, project: '/shop' }]);
  });
  const same = async (method: string, there: string, nowhere: string, body?: unknown): Promise<void> => {
    const [one, other] = [await ada.call(method, there, body), await ada.call(method, nowhere, body)];
    expect(one.status, one.text).toBe(404);
    const plain = ({ text }: { text: string }) => text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID');
    expect(plain(one)).toBe(plain(other));
  };
  it('is answered like what is not there', async () => {
    const bank = stacks.get('bank');
    await same('GET', `/stacks/${bank?.stack}`, `/stacks/${uuid()}`);
    await same('GET', `/services/${bank?.service}`, `/services/${uuid()}`);
    await same('POST', `/services/${bank?.service}/restart`, `/services/${uuid()}/restart`, {});
    await same('DELETE', `/stacks/${bank?.stack}`, `/stacks/${uuid()}`);
    await same('GET', '/stacks?project=/bank', '/stacks?project=/nowhere');
    await same('GET', '/stacks/by-name/bank?project=/bank', '/stacks/by-name/bank?project=/nowhere');
  });
  it('is audited as what it was: a refusal, with the permission and the place', async () => {
    await ada.call('DELETE', `/stacks/${stacks.get('bank')?.stack}`);
    const entry = await test.server.platform.database.prisma.auditEntry.findFirst({
      where: { actorName: 'ada-2', outcome: 'refused', action: 'stacks.remove' },
      orderBy: { at: 'desc' },
    });
    expect(entry).toMatchObject({ projectPath: '/bank' });
    expect(JSON.stringify(entry?.detail)).toContain('service.remove');
  });
  it('is refused with a reason where only the right to change it is missing', async () => {
    const viewer = await signInWith(test, 'viewer', [{ role: viewOnly, project: '/shop' }]);
    const { status, json } = await viewer.call(
      'POST',
      `/services/${stacks.get('shop')?.service}/restart`,
      {},
    );
    expect(status).toBe(403);
    expect(json).toMatchObject({ code: 'permission.missing', detail: expect.stringContaining('in /shop') });
  });
});

describe('grants', () => {
  it('end with their time', async () => {
    const soon = new Date(Date.now() + 1500);
    const ada = await signInWith(test, 'hour', [{ role: viewOnly, project: '/shop', endsAt: soon }]);
    expect(await names(ada, '/stacks')).toEqual(['prod', 'shop']);
    await expect.poll(async () => (await ada.call('GET', '/stacks')).status, { timeout: 10_000 }).toBe(403);
  });
  it('of a team are those of its members, as long as they are in it', async () => {
    const { prisma } = test.server.platform.database;
    const ada = await signInWith(test, 'member', []);
    const team = await prisma.team.create({ data: { id: uuid(), name: 'shopkeepers' } });
    const member = { teamId: team.id, userId: ada.userId };
    await prisma.grant.create({
      data: {
        ...{ id: uuid(), teamId: team.id, roleId: viewOnly.id, createdBy: 'test' },
        projectId: await projectAt(test, '/shop'),
      },
    });
    expect((await ada.call('GET', '/stacks')).status).toBe(403);
    await prisma.teamMember.create({ data: { id: uuid(), ...member } });
    expect(await names(ada, '/stacks')).toEqual(['prod', 'shop']);
    await prisma.teamMember.deleteMany({ where: member });
    expect((await ada.call('GET', '/stacks')).status).toBe(403);
  });
  it('at the root make a cluster administrator', async () => {
    const root = await signInWith(test, 'root', [{ role: clusterAdministrator, project: '/' }]);
    expect(await names(root, '/stacks')).toEqual(['bank', 'prod', 'rooted', 'shop']);
    expect((await root.call('GET', '/settings')).status).toBe(200);
  });
  it('of a project do not reach the settings of the cluster', async () => {
    const head = await signInWith(test, 'head', [{ role: projectAdministrator, project: '/shop' }]);
    expect((await head.call('GET', '/settings')).json).toMatchObject({ code: 'permission.missing' });
  });
});

describe('what a page watches', () => {
  it('follows the rights of who watches it', async () => {
    const { database } = test.server.platform;
    const ada = await signInWith(test, 'watcher', [{ role: viewOnly, project: '/shop' }]);
    const socket = await openBrowserSocket(test.server.consoleUrl, ada);
    const ended = new Promise((resolve) => socket.on('end', resolve));
    const answer = await socket.emitWithAck('watch', { watchId: 'one', route: 'stacks.list' });
    expect(answer).toMatchObject({ ok: true });
    await database.transaction(async (tx) => {
      await tx.grant.updateMany({ where: { id: { in: ada.grantIds } }, data: { endedAt: new Date() } });
      await database.announce(tx, 'grant', [ada.userId]);
    });
    expect(await ended).toMatchObject({ watchId: 'one', code: 'permission.missing' });
    socket.disconnect();
  });
});
