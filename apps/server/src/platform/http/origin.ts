import { DomainError } from '@portreeve/domain';

/** Host names by which this server may be addressed; a rebinding page or a proxy for another site is refused. */
export type AllowedNames = ReadonlySet<string>;

const hostOf = (authority: string): string => authority.replace(/:\d+$/, '').toLowerCase();

/** Refuses a `Host` that is none of ours (DNS rebinding). */
export const requireKnownHost = (host: string | undefined, names: AllowedNames): void => {
  if (host && names.has(hostOf(host))) return;
  throw new DomainError('auth.origin', `This server does not answer as "${host ?? ''}".`, {
    hint: 'Open it by a name it was started with, or add this one with --advertise.',
  });
};

/** Refuses a request that another site's page makes: the origin must be the very host that was asked. */
export const requireOwnOrigin = (
  origin: string | undefined,
  host: string | undefined,
  names: AllowedNames,
): void => {
  requireKnownHost(host, names);
  // Both schemes: a proxy may end TLS before us, and one port has one scheme.
  if (['http', 'https'].some((scheme) => origin?.toLowerCase() === `${scheme}://${host?.toLowerCase()}`))
    return;
  throw new DomainError('auth.origin', `A page of "${origin ?? 'nowhere'}" may not speak to this server.`);
};

/**
 * Refuses a token in an address, where logs and histories keep it, even where a right one comes as well. Keys are
 * those that were parsed: an address can spell the same one in many ways.
 */
export const refuseTokenInAddress = (queryKeys: Iterable<string>): void => {
  for (const key of queryKeys)
    if (/^(access_?)?token$|^authorization$/i.test(key))
      throw new DomainError(
        'auth.required',
        'A token never travels in an address: send it as a bearer header.',
      );
};
