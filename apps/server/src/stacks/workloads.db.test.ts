import { routes } from '@portreeve/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, startTestServer, type TestServer } from '../test-server.ts';

describe('everything the console asks for', () => {
  let test: TestServer;
  let admin: Client;
  beforeAll(async () => {
    test = await startTestServer();
    admin = await test.administrator();
  });
  afterAll(() => test.close());

  it('is mounted: every route of the contract has a handler', () => {
    const all = Object.values(routes).flatMap((group) => Object.values(group).map(({ id }) => id));
    const missing = all.filter((id) => !test.server.platform.http.mounted.has(id));
    expect(missing).toEqual([]);
  });

  it('answers on an empty cluster', async () => {
    const lists = [
      ...[
        '/projects',
        '/stacks',
        '/services',
        '/configs',
        '/secrets',
        '/networks',
        '/volumes',
        '/registries',
      ],
      ...['/activity', '/alerts', '/alert-channels', '/overview', '/settings', '/operations', '/search?q=a'],
      ...['/compose-schema', '/nodes'],
    ];
    for (const path of lists) {
      const answer = await admin.call('GET', path);
      expect(answer.status, `${path}: ${answer.text}`).toBe(200);
    }
  });
});
