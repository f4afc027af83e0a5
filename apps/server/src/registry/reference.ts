import { Digest, DomainError } from '@portreeve/domain';

/** An image as written, with the engine's defaults filled in: `nginx` is `docker.io/library/nginx:latest`. */
export type ImageReference = { registry: string; repository: string; tag?: string; digest?: string };

const HUB = 'docker.io';
const REPOSITORY = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[\w][\w.-]{0,127}$/;
const HOST = /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/;

const looksLikeHost = (part: string): boolean =>
  part === 'localhost' || part.includes('.') || part.includes(':');

const wrong = (written: string, what: string): DomainError =>
  new DomainError('image.unresolvable', `“${written}” is no image: ${what}.`, {
    hint: 'Write it like web:1.2, registry.example/shop/web:1.2 or registry.example/shop/web@sha256:….',
  });

/** Reads what a person wrote. Throws `image.unresolvable`. */
export const parseReference = (written: string): ImageReference => {
  const [name = '', digest, more] = written.split('@');
  if (more !== undefined) throw wrong(written, 'it has two @');
  if (digest !== undefined && !Digest.safeParse(digest).success)
    throw wrong(written, 'its digest is not sha256: and 64 hexadecimal digits');
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const registry = looksLikeHost(first) ? normalHost(first) : HUB;
  const path = looksLikeHost(first) ? name.slice(slash + 1) : name;
  const colon = path.indexOf(':');
  const bare = colon < 0 ? path : path.slice(0, colon);
  const tag = colon < 0 ? undefined : path.slice(colon + 1);
  const repository = registry === HUB && !bare.includes('/') ? `library/${bare}` : bare;
  if (looksLikeHost(first) && !HOST.test(first)) throw wrong(written, `“${first}” is no host`);
  if (!REPOSITORY.test(repository) || repository.length > 255)
    throw wrong(written, 'its name has characters that no repository has');
  if (tag !== undefined && !TAG.test(tag)) throw wrong(written, `“${tag}” is no tag`);
  return {
    registry,
    repository,
    ...(digest ? { digest } : { tag: tag ?? 'latest' }),
    ...(digest && tag && { tag }),
  };
};

/** Host of a registry as it is stored and compared: lower case, and one name for Docker Hub. */
export const normalHost = (host: string): string => {
  const lower = host.trim().toLowerCase();
  return ['index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com'].includes(lower) ? HUB : lower;
};

/** The host that answers the registry protocol; Docker Hub's is not its name. */
export const apiHost = (registry: string): string => (registry === HUB ? 'registry-1.docker.io' : registry);

/** Full form with the digest, as the agent pulls it. */
export const pinnedReference = (registry: string, repository: string, digest: string): string =>
  `${registry}/${repository}@${digest}`;

/** True for an image that lives on one engine only, named by its id. */
export const isLocalId = (written: string): boolean => Digest.safeParse(written).success;
