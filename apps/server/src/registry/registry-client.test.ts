import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openRegistry } from './registry-client.ts';

let server: Server;
let host: string;
let answer = '';
beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url?.startsWith('/token')) return void response.end(answer);
    response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${host}/token"` }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));

it.each(['', 'null', '[]', '{', '{"token":5}', '<html>', '{}'])(
  'S-27 a registry that answers %j in the place of a token is refused with a sentence',
  async (text) => {
    answer = text;
    const registry = openRegistry({ host, plainHttp: true, allowPrivateAddress: true });
    await expect(registry.manifest({ registry: host, repository: 'x', tag: '1' })).rejects.toMatchObject({
      code: 'image.unresolvable',
      message: `The registry ${host} answered without a token.`,
    });
    await registry.close();
  },
);
