import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** For tests: a registry on loopback that speaks just enough of the protocol, and does what a test wants. */
export type FakeRegistry = {
  host: string;
  /** Gives a tag new content; answers its digest. */
  push(repository: string, tag: string, content?: string): string;
  /** Headers and status for the next answers; `undefined` returns to normal. */
  challenge: string | undefined;
  /** What was asked, newest last: method, path, authorization. */
  asked: { path: string; authorization: string | undefined }[];
  close(): Promise<void>;
};

export const startFakeRegistry = async (): Promise<FakeRegistry> => {
  const manifests = new Map<string, string>();
  const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
  const registry: FakeRegistry = {
    host: '',
    challenge: undefined,
    asked: [],
    push: (repository, tag, content = `${repository}:${tag} ${Math.random()}`) => {
      const text = JSON.stringify({ schemaVersion: 2, content });
      manifests.set(`${repository}/${tag}`, text);
      manifests.set(`${repository}/${digestOf(text)}`, text);
      return digestOf(text);
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  const server: Server = createServer((request, response) => {
    const path = request.url ?? '';
    registry.asked.push({ path, authorization: request.headers.authorization });
    if (registry.challenge && !request.headers.authorization) {
      response.writeHead(401, { 'www-authenticate': registry.challenge }).end();
      return;
    }
    const [, repository, reference] = path.match(/^\/v2\/(.+)\/manifests\/(.+)$/) ?? [];
    const text = manifests.get(`${repository}/${reference}`);
    if (path === '/v2/') response.writeHead(200).end('{}');
    else if (text === undefined) response.writeHead(404).end('{}');
    else
      response
        .writeHead(200, {
          'content-type': 'application/vnd.oci.image.manifest.v1+json',
          'docker-content-digest': digestOf(text),
        })
        .end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  registry.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return registry;
};
