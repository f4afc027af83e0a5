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
  const parsed = origin && URL.canParse(origin) ? new URL(origin) : undefined;
  if (parsed && host && parsed.host.toLowerCase() === host.toLowerCase()) return;
  throw new DomainError('auth.origin', `A page of "${origin ?? 'nowhere'}" may not speak to this server.`);
};
