import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ADMINISTRATOR_PASSWORD, type Client, startTestServer, type TestServer } from '../test-server.ts';

const ADMIN = fileURLToPath(new URL('./admin.ts', import.meta.url));

let site: TestServer;
let admin: Client;
beforeAll(async () => {
  site = await startTestServer();
  admin = await site.administrator();
});
afterAll(() => site?.close());

const run = async (...args: string[]): Promise<{ said: string; code: number }> => {
  const env = { PATH: process.env.PATH, PORTREEVE_DATA: site.dataFolder, DATABASE_URL: site.db.url };
  const child = spawn(process.execPath, [ADMIN, ...args], { env });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const [code] = await once(child, 'close');
  return { said, code };
};
const tokenStands = async (token: string): Promise<boolean> =>
  (await site.anonymous.call('GET', '/me', undefined, { authorization: `Bearer ${token}` })).status === 200;

test('a new password ends the sessions of its account; its tokens are told of, and end when that is asked for', async () => {
  const { token } = (await admin.call('POST', '/me/tokens', { name: 'ci' })).json as { token: string };
  const first = await run('reset-password');
  expect(first.code, first.said).toBe(0);
  expect(first.said).toContain('1 token of admin stands');
  expect((await admin.call('GET', '/me')).status).toBe(401);
  expect(
    (await site.anonymous.call('POST', '/session', { name: 'admin', password: ADMINISTRATOR_PASSWORD }))
      .status,
  ).toBe(401);
  expect(await tokenStands(token)).toBe(true);

  const second = await run('reset-password', 'admin', '--revoke-tokens');
  expect(second.said).not.toContain('stands');
  expect(await tokenStands(token)).toBe(false);
  const [, password = ''] = /password of admin: (\S+)/.exec(second.said) ?? [];
  await site.signIn('admin', password);
}, 60_000);

test('a recovery administrator is made where there is none of the name, and is audited', async () => {
  const made = await run('recovery-administrator', 'rescue');
  const [, password = ''] = /password of rescue, who is an administrator: (\S+)/.exec(made.said) ?? [];
  await site.signIn('rescue', password);
  expect((await run('recovery-administrator', 'rescue')).said).toContain(
    'There is an account "rescue" already.',
  );
  const entry = await site.server.platform.database.prisma.auditEntry.findFirst({
    where: { action: 'session.recovery-administrator' },
  });
  expect(entry).toMatchObject({ objectName: 'rescue', actorName: 'command on the host' });
}, 60_000);

test('an account that is not there, and a flag that is none, are answered with what there is', async () => {
  const nobody = await run('reset-password', 'eve');
  expect(nobody).toEqual({ code: 1, said: 'There is no account "eve". The first one is called admin.\n' });
  const wrong = await run('reset-password', '--everything');
  expect(wrong.code).toBe(1);
  expect(wrong.said).toContain("'--everything'");
}, 60_000);

test('the audit is checked on the host, without a session', async () => {
  const checked = await run('verify-audit');
  expect(checked.code, checked.said).toBe(0);
  expect(checked.said).toMatch(/entries are as they were sealed, .*\nKeep elsewhere: \d+:[0-9a-f]{64}\n$/);
  const cut = await run('verify-audit', '--checkpoint', `99999:${'a'.repeat(64)}`);
  expect(cut).toMatchObject({ code: 1, said: expect.stringContaining('The audit does not hold.') });
}, 60_000);
