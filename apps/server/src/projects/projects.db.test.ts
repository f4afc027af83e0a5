import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, startTestServer, type TestServer } from '../test-server.ts';
import { commonPorts } from './port-range.ts';

describe('projects', () => {
  let test: TestServer;
  let admin: Client;
  beforeAll(async () => {
    test = await startTestServer();
    admin = await test.administrator();
  });
  afterAll(() => test.close());

  type Made = { id: string; version: number };
  const make = (path: string, ports: object = {}) => admin.call('POST', '/projects', { path, ...ports });
  const edit = async ({ id }: Made, ports: object) => {
    const { version } = (await admin.call('GET', `/projects/${id}`)).json as Made;
    return admin.call('PATCH', `/projects/${id}`, ports, { 'if-match': `"${version}"` });
  };

  it('S-41 the host ports of a project are bound by every project above, also by one that was narrowed later', async () => {
    const team = (await make('/team', { portFrom: 9000, portTo: 9999 })).json as Made;
    const shop = (await make('/team/shop', { portFrom: 9500, portTo: 9999 })).json as Made;
    expect((await edit(team, { portFrom: 9000, portTo: 9599 })).status).toBe(200);
    const refused = await make('/team/shop/web', { portFrom: 9500, portTo: 9700 });
    expect(refused.json).toMatchObject({
      status: 400,
      detail: expect.stringContaining('not within 9500–9599, which /team/shop may use'),
    });
    expect((await make('/team/shop/web')).json).toMatchObject({ portFrom: 9500, portTo: 9599 });
    expect((await edit(shop, { portFrom: 9500, portTo: 9800 })).status).toBe(400);
    expect((await edit(shop, { portFrom: 9400, portTo: 9599 })).status).toBe(200);
  });

  it('a token of a removed project does not open the next one of its name', async () => {
    const made = (await make('/short')).json as Made;
    const tokenOf = async (projectPath: string) => {
      const answer = await admin.call('POST', '/me/tokens', { name: projectPath, projectPath });
      return { authorization: `Bearer ${(answer.json as { token: string }).token}` };
    };
    const [inside, beside] = [await tokenOf('/short'), await tokenOf('/shorter')];
    const asks = async (bearer: Record<string, string>) =>
      (await test.anonymous.call('GET', '/me', undefined, bearer)).status;
    expect(await asks(inside)).toBe(200);
    await admin.call('DELETE', `/projects/${made.id}`);
    await make('/short');
    expect(await asks(inside)).toBe(401);
    expect(await asks(beside)).toBe(200);
  });

  it('ports in common are within each range, and every port in all ranges is in common', () => {
    const range = fc.tuple(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 1, max: 99 }));
    fc.assert(
      fc.property(fc.array(range, { minLength: 1 }), fc.integer({ min: 1, max: 99 }), (ranges, port) => {
        const all = ranges.map(([portFrom, portTo]) => ({ portFrom, portTo }));
        const holds = ({ portFrom, portTo }: { portFrom: number; portTo: number }) =>
          portFrom <= port && port <= portTo;
        expect(holds(commonPorts(all))).toBe(all.every(holds));
      }),
    );
  });
});
