import { createHash } from 'node:crypto';
import { DomainError } from '@portreeve/domain';
import ipaddr from 'ipaddr.js';
import { type Dispatcher, request } from 'undici';
import { z } from 'zod';
import { faultInWords } from '../platform/network-fault.ts';
import { type Challenge, parseChallenge, tokenUrl } from './challenge.ts';
import { outboundDispatcher } from './public-address.ts';
import { apiHost, type ImageReference } from './reference.ts';

/** How a registry is reached; without a stored one only public addresses over TLS are. */
export type RegistryAccess = {
  host: string;
  username?: string | undefined;
  password?: string | undefined;
  caPem?: string | undefined;
  plainHttp: boolean;
  allowPrivateAddress: boolean;
};
export type Manifest = { digest: string; mediaType: string; bytes: Buffer };

const MANIFEST_LIMIT = 4 * 1024 * 1024;
const TOKEN_LIMIT = 64 * 1024;
const ACCEPT = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

const TokenAnswer = z.object({ token: z.string().optional(), access_token: z.string().optional() });

/** The token of an answer; a registry may send anything in its place. */
const tokenIn = (text: string): string | undefined => {
  try {
    const { token, access_token } = TokenAnswer.parse(JSON.parse(text));
    return token ?? access_token;
  } catch {
    return undefined;
  }
};

const isLoopback = (host: string): boolean => {
  const name = host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  return name === 'localhost' || (ipaddr.isValid(name) && ipaddr.process(name).range() === 'loopback');
};

const readLimited = async (body: Dispatcher.ResponseData['body'], limit: number): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) throw new DomainError('too-large', `The registry sent more than ${limit} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

const unreachable = (access: RegistryAccess, error: unknown): DomainError => {
  if (error instanceof DomainError) return error;
  const cause = error instanceof Error && error.cause instanceof DomainError ? error.cause : undefined;
  if (cause) return cause;
  return new DomainError(
    'registry.unreachable',
    `The registry ${access.host} does not answer: ${faultInWords(error)}.`,
    {
      hint: 'Check its name, its certificate and whether it serves plain HTTP, under Registries.',
      cause: error,
    },
  );
};

type Answer = { status: number; headers: Record<string, string | string[] | undefined>; body: Buffer };

/** Talks to one registry; `close` it after use. Nothing it answers is believed beyond what its bytes hash to. */
export const openRegistry = (access: RegistryAccess) => {
  const dispatcher = outboundDispatcher({
    allowPrivateAddress: access.allowPrivateAddress,
    caPem: access.caPem,
  });
  const scheme =
    access.plainHttp || (access.allowPrivateAddress && isLoopback(access.host)) ? 'http' : 'https';
  const base = `${scheme}://${apiHost(access.host)}`;
  const basic =
    access.username !== undefined && access.password !== undefined
      ? `Basic ${Buffer.from(`${access.username}:${access.password}`).toString('base64')}`
      : undefined;

  const get = async (url: string, headers: Record<string, string>, limit: number): Promise<Answer> => {
    try {
      const answer = await request(url, { dispatcher, headers, signal: AbortSignal.timeout(15_000) });
      return {
        status: answer.statusCode,
        headers: answer.headers,
        body: await readLimited(answer.body, limit),
      };
    } catch (error) {
      throw unreachable(access, error);
    }
  };

  const fetchToken = async (challenge: Challenge, scope: string): Promise<string> => {
    const url = tokenUrl(challenge, { host: apiHost(access.host), scheme, scope, username: access.username });
    const answer = await get(url, basic ? { authorization: basic } : {}, TOKEN_LIMIT);
    if (answer.status !== 200)
      throw new DomainError(
        'image.unresolvable',
        `The registry ${access.host} gave no token (${answer.status}).`,
        { hint: 'Check the user name and password kept for it under Registries.' },
      );
    const found = tokenIn(answer.body.toString('utf8'));
    if (found === undefined)
      throw new DomainError('image.unresolvable', `The registry ${access.host} answered without a token.`);
    return found;
  };

  const authorization = async (answer: Answer, scope: string): Promise<string | undefined> => {
    const challenge = parseChallenge(answer.headers['www-authenticate']);
    if (challenge?.scheme === 'bearer') return `Bearer ${await fetchToken(challenge, scope)}`;
    return challenge?.scheme === 'basic' ? basic : undefined;
  };

  const getAuthorized = async (path: string, scope: string, accept: string): Promise<Answer> => {
    const first = await get(`${base}${path}`, { accept }, MANIFEST_LIMIT);
    if (first.status !== 401) return first;
    const header = await authorization(first, scope);
    return header ? get(`${base}${path}`, { accept, authorization: header }, MANIFEST_LIMIT) : first;
  };

  /** Where a registry keeps its blobs with somebody else, on the internet only: one allowed inside leads nowhere else inside. */
  const elsewhere = async (answer: Answer): Promise<Answer> => {
    const { location } = answer.headers;
    if (![302, 307].includes(answer.status) || typeof location !== 'string') return answer;
    if (access.allowPrivateAddress || !location.startsWith('https://')) return answer;
    return get(location, {}, MANIFEST_LIMIT);
  };

  return {
    /** Whether it speaks the registry protocol and takes the credentials: the status of `GET /v2/`. */
    ping: async (): Promise<number> => (await getAuthorized('/v2/', '', 'application/json')).status,

    /** The manifest or index that a tag or digest names now. Throws `image.unresolvable`, `registry.unreachable`. */
    manifest: async (image: ImageReference): Promise<Manifest> => {
      const written = image.digest ?? image.tag ?? 'latest';
      const name = `${image.registry}/${image.repository}${image.digest ? '@' : ':'}${written}`;
      const scope = `repository:${image.repository}:pull`;
      const answer = await getAuthorized(`/v2/${image.repository}/manifests/${written}`, scope, ACCEPT);
      if (answer.status !== 200) throw refused(name, answer.status);
      const digest = `sha256:${createHash('sha256').update(answer.body).digest('hex')}`;
      const claimedDigest = answer.headers['docker-content-digest'];
      if ((image.digest && image.digest !== digest) || (claimedDigest && claimedDigest !== digest))
        throw new DomainError(
          'image.unresolvable',
          `The registry's bytes for ${name} are not what it says.`,
          {
            hint: 'Something between here and the registry changes what it sends; nothing was deployed.',
          },
        );
      return { digest, mediaType: String(answer.headers['content-type'] ?? ''), bytes: answer.body };
    },

    /** The bytes of a small blob, such as an image's configuration. */
    blob: async ({ registry, repository }: ImageReference, digest: string): Promise<Buffer> => {
      const path = `/v2/${repository}/blobs/${digest}`;
      const answer = await elsewhere(await getAuthorized(path, `repository:${repository}:pull`, '*/*'));
      const name = `${registry}/${repository}@${digest}`;
      if (answer.status !== 200) throw refused(name, answer.status);
      if (`sha256:${createHash('sha256').update(answer.body).digest('hex')}` === digest) return answer.body;
      throw new DomainError('image.unresolvable', `The registry's bytes for ${name} are not what it says.`);
    },

    close: () => dispatcher.destroy(),
  };
};

export type Registry = ReturnType<typeof openRegistry>;

const refused = (name: string, status: number): DomainError => {
  if (status === 404)
    return new DomainError('image.unresolvable', `There is no image ${name}.`, {
      hint: 'Push it, or correct the name or tag.',
    });
  if (status === 401 || status === 403)
    return new DomainError('image.unresolvable', `The registry refuses to show ${name}.`, {
      hint: 'Add the registry with credentials that may pull it under Registries of the project.',
    });
  return new DomainError('registry.unreachable', `The registry answered ${status} for ${name}.`);
};
