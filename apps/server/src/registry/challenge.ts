import { DomainError } from '@portreeve/domain';
import ipaddr from 'ipaddr.js';

/** What a registry asks for in `WWW-Authenticate` (RFC 7235, Distribution's token specification). */
export type Challenge = { scheme: 'basic' | 'bearer'; realm: string; service?: string; scope?: string };

/** Reads the first challenge we can answer. */
export const parseChallenge = (header: string | string[] | undefined): Challenge | undefined => {
  const text = Array.isArray(header) ? header.join(', ') : (header ?? '');
  const [, scheme] = text.match(/^\s*(basic|bearer)\s/i) ?? [];
  if (!scheme) return undefined;
  const fields = Object.fromEntries(
    [...text.matchAll(/([a-z]+)="([^"]*)"/gi)].map(([, key = '', value = '']) => [key.toLowerCase(), value]),
  );
  return {
    scheme: scheme.toLowerCase() as Challenge['scheme'],
    realm: fields.realm ?? '',
    ...(fields.service ? { service: fields.service } : {}),
    ...(fields.scope ? { scope: fields.scope } : {}),
  };
};

/** Names below these belong to anybody who asks for one: `co.uk` and the like, and what registries are rented under. */
const ANYBODYS = /^(?:\w{2,3}\.\w{2}|azurecr\.(?:io|us|cn)|pkg\.dev|jfrog\.io|amazonaws\.com|github\.io)$/;

/**
 * The realm is at home at the registry's own host, at the domain above it, or beside it in that domain, as
 * `auth.example.org` is to `registry.example.org`. Two addresses are one house only when equal.
 */
const sameHouse = (realm: string, registry: string): boolean => {
  if (realm === registry) return true;
  if (ipaddr.isValid(realm) || ipaddr.isValid(registry)) return false;
  const above = (host: string) => host.slice(host.indexOf('.') + 1);
  const domain = above(registry);
  if (!domain.includes('.') || ANYBODYS.test(domain)) return false;
  return realm === domain || above(realm) === domain;
};

/**
 * Where to ask for a token. A realm on another host, or one that would carry a password in clear, is refused: the
 * registry chose it, and our credentials would go there.
 */
export const tokenUrl = (
  challenge: Challenge,
  registry: { host: string; scheme: 'http' | 'https'; scope: string; username?: string | undefined },
): string => {
  const refuse = () =>
    new DomainError(
      'registry.unreachable',
      `The registry ${registry.host} sends us to ${challenge.realm || 'nowhere'} for a token, which is not its own host.`,
      { hint: 'Its realm must be an https address of the same domain.' },
    );
  const realm = URL.canParse(challenge.realm) ? new URL(challenge.realm) : undefined;
  if (!realm || realm.username || realm.password) throw refuse();
  const home = new URL(`${registry.scheme}://${registry.host}`);
  const mayBePlain = registry.scheme === 'http' && realm.hostname === home.hostname;
  if (realm.protocol !== 'https:' && !(realm.protocol === 'http:' && mayBePlain)) throw refuse();
  if (!sameHouse(realm.hostname, home.hostname)) throw refuse();
  if (challenge.service) realm.searchParams.set('service', challenge.service);
  const scope = registry.scope || challenge.scope;
  if (scope) realm.searchParams.set('scope', scope);
  if (registry.username) realm.searchParams.set('account', registry.username);
  return realm.toString();
};
