import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** For tests: a registry on loopback that speaks just enough of the protocol, and does what a test wants. */
export type FakeRegistry = {
  host: string;
  /** Gives a tag new content; answers its digest. */
  push(repository: string, tag: string, content?: string): string;
  /** Gives a tag an image for one platform, or an index of images for several. */
  pushFor(repository: string, tag: string, platforms: { os: string; architecture: string }[]): string;
  /** Headers and status for the next answers; `undefined` returns to normal. */
  challenge: string | undefined;
  /** What was asked, newest last: method, path, authorization. */
  asked: { path: string; authorization: string | undefined }[];
  close(): Promise<void>;
};

export const startFakeRegistry = async (): Promise<FakeRegistry> => {
  const manifests = new Map<string, string>();
  const blobs = new Map<string, string>();
  const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
  const registry: FakeRegistry = {
    host: '',
    challenge: undefined,
    asked: [],
    push: (repository, tag, content = `${repository}:${tag} ${Math.random()}`) =>
      store(repository, tag, { schemaVersion: 2, content }),
    pushFor: (repository, tag, platforms) => {
      const [only] = platforms;
      if (!only || platforms.length > 1)
        return store(repository, tag, { manifests: platforms.map((platform) => ({ platform })) });
      const config = JSON.stringify(only);
      blobs.set(`${repository}/${digestOf(config)}`, config);
      return store(repository, tag, { schemaVersion: 2, config: { digest: digestOf(config) } });
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  const store = (repository: string, tag: string, manifest: object): string => {
    const text = JSON.stringify(manifest);
    manifests.set(`${repository}/${tag}`, text);
    manifests.set(`${repository}/${digestOf(text)}`, text);
    return digestOf(text);
  };
  const server: Server = createServer((request, response) => {
    const path = request.url ?? '';
    registry.asked.push({ path, authorization: request.headers.authorization });
    if (registry.challenge && !request.headers.authorization) {
      response.writeHead(401, { 'www-authenticate': registry.challenge }).end();
      return;
    }
    const [, owner, blob] = path.match(/^\/v2\/(.+)\/blobs\/(.+)$/) ?? [];
    const bytes = blobs.get(`${owner}/${blob}`);
    if (bytes !== undefined) {
      response.writeHead(200).end(bytes);
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
