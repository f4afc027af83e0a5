import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, signInWith } from '../access/test-people.ts';
import {
  ADMINISTRATOR_PASSWORD,
  type Answer,
  type Client,
  startTestServer,
  type TestServer,
} from '../test-server.ts';

let test: TestServer;
beforeAll(async () => {
  test = await startTestServer();
});
afterAll(() => test.close());

/** The code that an authenticator shows so many steps from now. */
const codeOf = (secret: string, steps = 0): string =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * 30_000 });
const signIn = (name: string, code?: string, password = PASSWORD): Promise<Answer> =>
  test.anonymous.call('POST', '/session', { name, password, ...(code && { code }) });
const begin = async (client: Client, password = PASSWORD): Promise<string> =>
  ((await client.call('POST', '/me/second-factor', { password })).json as { secret: string }).secret;
/** A person with an authenticator that has been confirmed. */
const withCodes = async (name: string) => {
  const client = await signInWith(test, name, []);
  const secret = await begin(client);
  const { json } = await client.call('PUT', '/me/second-factor', { code: codeOf(secret, -1) });
  return { client, secret, recoveryCodes: (json as { recoveryCodes: string[] }).recoveryCodes };
};

describe('codes of an authenticator', () => {
  it('are asked for once they are confirmed, and only when the password is right', async () => {
    const { secret } = await withCodes('ada');
    expect((await signIn('ada', undefined, 'a wrong password')).json).toMatchObject({ code: 'auth.failed' });
    expect((await signIn('ada')).json).toMatchObject({ code: 'auth.code-needed' });
    expect((await signIn('ada', '000000')).json).toMatchObject({ code: 'auth.failed' });
    expect((await signIn('ada', codeOf(secret))).status).toBe(200);
  });
  it('work once', async () => {
    const { secret } = await withCodes('once');
    const code = codeOf(secret);
    expect((await signIn('once', code)).status).toBe(200);
    expect((await signIn('once', code)).json).toMatchObject({ code: 'auth.failed' });
  });
  it('do not count before they are confirmed', async () => {
    const client = await signInWith(test, 'begun', []);
    await begin(client);
    expect((await signIn('begun')).status).toBe(200);
  });
  it('are replaced by a recovery code, each of which works once', async () => {
    const { recoveryCodes } = await withCodes('lost');
    expect(new Set(recoveryCodes).size).toBe(10);
    expect((await signIn('lost', ` ${recoveryCodes[3]?.toUpperCase()} `)).status).toBe(200);
    expect((await signIn('lost', recoveryCodes[3])).json).toMatchObject({ code: 'auth.failed' });
    expect((await signIn('lost', recoveryCodes[4])).status).toBe(200);
  });
  it('are ended by password and code together, not by one of them', async () => {
    const { client, recoveryCodes } = await withCodes('end');
    const end = (password: string, code = '000000') =>
      client.call('DELETE', '/me/second-factor', { password, code });
    expect((await end(PASSWORD)).status).toBe(401);
    expect((await end('wrong', recoveryCodes[0])).status).toBe(401);
    expect((await end(PASSWORD, recoveryCodes[0])).status).toBe(204);
    expect((await signIn('end')).status).toBe(200);
  });
  it('are kept sealed, and appear in no entry of the audit', async () => {
    const { secret, recoveryCodes } = await withCodes('sealed');
    const { prisma } = test.server.platform.database;
    const rows = JSON.stringify([
      await prisma.user.findMany({ omit: { totpStep: true } }),
      await prisma.auditEntry.findMany(),
    ]);
    for (const one of [secret, ...recoveryCodes]) expect(rows).not.toContain(one);
  });
});

describe('a cluster that asks administrators for codes', () => {
  it('opens nothing else to one who has none, and everything once they are set up', async () => {
    const admin = await test.administrator();
    const { version } = (await admin.call('GET', '/settings')).json as { version: number };
    const need = (on: boolean, by: Client, at: number) =>
      by.call('PATCH', '/settings', { administratorsNeedCodes: on }, { 'if-match': `"${at}"` });
    expect((await need(true, admin, version)).status).toBe(200);
    expect((await admin.call('GET', '/settings')).status).toBe(401);
    expect((await admin.call('GET', '/me')).json).toMatchObject({ secondFactor: 'required' });
    const secret = await begin(admin, ADMINISTRATOR_PASSWORD);
    await admin.call('PUT', '/me/second-factor', { code: codeOf(secret, -1) });
    expect((await need(false, admin, version + 1)).status).toBe(200);
    expect((await signIn('admin', codeOf(secret), ADMINISTRATOR_PASSWORD)).status).toBe(200);
  });
});
