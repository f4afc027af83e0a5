import { DomainError, type ErrorCode } from '@portreeve/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMINISTRATOR_PASSWORD, type Client, startTestServer, type TestServer } from '../../test-server.ts';
import { createContext } from './context.ts';
import { auditRefusal } from './refusals.ts';

let test: TestServer;
let admin: Client;
beforeAll(async () => {
  test = await startTestServer();
  admin = await test.administrator();
});
afterAll(() => test?.close());

const refusedOf = async (query: string) =>
  ((await admin.call('GET', `/audit?outcome=refused&${query}`)).json as { items: object[] }).items;

describe('a refusal', () => {
  it('of a wrong present password is in the audit, without the password', async () => {
    const body = { current: 'not the password', next: `${ADMINISTRATOR_PASSWORD}!` };
    expect((await admin.call('PUT', '/me/password', body)).status).toBe(401);
    const items = await refusedOf('action=session.password');
    expect(items).toMatchObject([{ actor: 'admin', detail: { reason: 'The present password is wrong.' } }]);
    expect(JSON.stringify(items)).not.toContain('not the password');
  });

  it.each<[ErrorCode, number]>([
    ['permission.missing', 1],
    ['plan.refused', 1],
    ['image.unresolvable', 1],
    ['request.invalid', 0],
    ['conflict.version', 0],
    ['database.unavailable', 0],
  ])('by %s leaves %i entries, under the project that was asked in', async (code, entries) => {
    const subject = { kind: 'user', userId: '', name: 'eve', administrator: true } as const;
    const ctx = createContext(subject, { address: '192.0.2.7', via: 'browser' });
    ctx.authorize('service.scale', '/shop');
    await auditRefusal(test.server.platform, ctx, `test.${code}`, new DomainError(code, 'No.'));
    expect(await refusedOf(`action=test.${code}&project=/shop`)).toHaveLength(entries);
    expect(await refusedOf(`action=test.${code}&project=/bank`)).toHaveLength(0);
  });
});
