import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRegistry } from './registry-client.ts';

let server: Server;
let host = '';
let answer = { status: 200, body: '' };
/** What came with credentials: paths. */
let shown: string[] = [];
beforeAll(async () => {
  server = createServer(({ url = '', headers }, response) => {
    if (headers.authorization) shown.push(url);
    if (url.startsWith('/token')) response.writeHead(answer.status).end(answer.body);
    else response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${host}/token"` }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

const ask = async (): Promise<unknown> => {
  shown = [];
  const client = openRegistry({
    ...{ host, plainHttp: true, allowPrivateAddress: true, username: 'robot', password: 'canary' },
  });
  try {
    return await client.manifest({ registry: host, repository: 'shop/web', tag: '1' });
  } finally {
    await client.close();
  }
};

test('S-34 credentials go to the place of the token alone, whatever comes back', async () => {
  answer = { status: 200, body: '<html>' };
  await expect(ask()).rejects.toMatchObject({ code: 'image.unresolvable' });
  expect(shown).toEqual([expect.stringContaining('/token')]);
});

test('S-34 a token that would write headers of its own is not sent', async () => {
  answer = { status: 200, body: JSON.stringify({ token: 'x\r\nHost: evil.example\r\n\r\nGET /evil' }) };
  await expect(ask()).rejects.toMatchObject({ code: 'registry.unreachable' });
  expect(shown.some((path) => path.includes('evil'))).toBe(false);
});

test('S-34 more than a token can be is not read', async () => {
  answer = { status: 200, body: JSON.stringify({ token: 'x'.repeat(200_000) }) };
  await expect(ask()).rejects.toMatchObject({ code: 'too-large' });
});
