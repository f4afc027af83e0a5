import { BUILT_IN_ROLES } from '@portreeve/domain';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { projectAt, signInWith } from '../access/test-people.ts';
import { type Client, startTestServer, type TestServer } from '../test-server.ts';

type Item = {
  action: string;
  actor: string;
  projectPath: string | null;
  grantId: string | null;
  outcome: string;
};
let site: TestServer;
let ann: Client;
beforeAll(async () => {
  site = await startTestServer();
  for (const path of ['/shop', '/bank']) await projectAt(site, path);
  ann = await signInWith(site, 'ann', [{ role: BUILT_IN_ROLES.projectAdministrator, project: '/shop' }]);
  await (await site.administrator()).call('POST', '/projects', { path: '/bank/vault' });
  expect((await ann.call('POST', '/projects', { path: '/shop/prod' })).status).toBe(200);
  expect((await ann.call('PATCH', '/settings', {}, { 'if-match': '"1"' })).status).toBe(403);
});
afterAll(() => site?.close());
const items = async (query: string): Promise<Item[]> =>
  ((await ann.call('GET', `/audit?${query}`)).json as { items: Item[] }).items;

it('an entry names the grant that allowed what was done, and a refusal none', async () => {
  const grant = await site.db.database.prisma.grant.findFirstOrThrow({ where: { user: { name: 'ann' } } });
  expect(await items('action=project.create')).toMatchObject([{ actor: 'ann', grantId: grant.id }]);
  const refused = await site.db.database.prisma.auditEntry.findMany({ where: { outcome: 'refused' } });
  expect(refused).toMatchObject([{ actorName: 'ann', action: 'settings.edit', grantId: null }]);
});

it('who may read the audit of a project sees what is of it and below, by whatever road', async () => {
  const seen = [...(await items('')), ...(await items('project=/shop')), ...(await items('search=project'))];
  expect(seen.length).toBeGreaterThan(0);
  expect(seen.every(({ projectPath }) => projectPath?.startsWith('/shop'))).toBe(true);
  expect((await ann.call('GET', '/audit?project=/bank')).status).toBe(404);
  const exported = (await ann.call('GET', '/audit/export?format=json')).text;
  expect(exported).toContain('/shop/prod');
  expect(exported).not.toContain('/bank');
  for (const path of ['/audit/archives', '/audit-forwards'])
    expect((await ann.call('GET', path)).status, path).toBe(403);
  expect((await ann.call('POST', '/audit/verify')).status).toBe(403);
});
