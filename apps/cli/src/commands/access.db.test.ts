import { BUILT_IN_ROLES } from '@portreeve/domain';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPerson, signInWith } from '../../../server/src/access/test-people.ts';
import { startTestServer, type TestServer } from '../../../server/src/test-server.ts';
import { runCommand } from '../test-console.ts';

let site: TestServer;
let adminToken = '';
let viewerToken = '';

beforeAll(async () => {
  site = await startTestServer();
  const token = async (client: { call: TestServer['anonymous']['call'] }): Promise<string> =>
    ((await client.call('POST', '/me/tokens', { name: 'ci' })).json as { token: string }).token;
  adminToken = await token(await site.administrator());
  viewerToken = await token(
    await signInWith(site, 'viewer', [{ role: BUILT_IN_ROLES.viewOnly, project: '/shop' }]),
  );
  await createPerson(site, 'ada');
}, 60_000);
afterAll(() => site?.close());

const run = async (token: string, ...args: string[]): Promise<{ code: number; said: string }> => {
  const command = runCommand(site.server.consoleUrl, token, args);
  return { code: await command.ended, said: command.said() };
};

test('can says whether and why, whom to ask, and fails where it is not allowed', async () => {
  const yes = await run(viewerToken, 'can', 'stack.read', '-p', '/shop');
  expect(yes).toMatchObject({ code: 0, said: 'Yes. Through the role view only in /shop.\n' });
  const no = await run(viewerToken, 'can', 'service.exec', '-p', '/shop');
  expect(no.code).toBe(1);
  expect(no.said).toBe('No. No grant in /shop or above has it.\nWho could give it: admin.\n');
  expect((await run(viewerToken, 'can', 'no.such')).said).toContain('There is no permission no.such');
  expect((await run(viewerToken, 'can', '-p', '/shop')).said).toMatch(/stack\.read +yes +Through the role/);
});

test('an hour of full control is granted, listed and ended', async () => {
  const given = await run(
    ...([adminToken, 'grant', 'ada', 'full control', '-p', '/shop', '--for', '1h'] as const),
    ...['--reason', 'an incident'],
  );
  expect(given.said).toMatch(/^ada holds full control in \/shop until \d{4}-/);
  const id = /revoke (\S+)/.exec(given.said)?.[1] ?? '';
  const { said } = await run(adminToken, 'grants', '-p', '/shop');
  expect(said).toMatch(new RegExp(`${id} +ada +full control +/shop +\\d{4}\\S+ +never +an incident`));
  expect((await run(adminToken, 'revoke', id)).code).toBe(0);
  expect((await run(adminToken, 'grants', '-p', '/shop')).said).not.toContain(id);
  expect((await run(viewerToken, 'grant', 'ada', 'view only', '-p', '/shop')).code).toBe(1);
});
