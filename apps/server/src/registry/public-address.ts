import { lookup } from 'node:dns';
import { DomainError } from '@portreeve/domain';
import ipaddr from 'ipaddr.js';
import { Agent, buildConnector } from 'undici';

/** All of IPv6 that was ever given out for the internet; what lies beside it is special, named in a list or not. */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');
/** Public by its number, and yet the inside of a cloud: where Azure's hosts answer their guests. */
const INSIDE = '168.63.129.16';

/** True for an address of the public internet; everything special (loopback, link-local, private, mapped) is not. */
export const isPublicAddress = (address: string): boolean => {
  if (!ipaddr.isValid(address)) return false;
  const ip = ipaddr.process(address);
  if (ip.range() !== 'unicast' || ip.toString() === INSIDE) return false;
  return ip instanceof ipaddr.IPv4 || ip.match(GLOBAL_IPV6);
};

const refusal = (host: string, address: string): DomainError =>
  new DomainError(
    'registry.unreachable',
    `${host} leads to ${address}, which is not an address of the public internet.`,
    { hint: 'An administrator can allow private addresses for this host in its settings.' },
  );

export type OutboundOptions = {
  allowPrivateAddress: boolean;
  caPem?: string | undefined;
  timeoutMs?: number;
};

/** Judges an address in the very lookup that the connection uses: a name that changes in between gains nothing. */
export const outboundLookup = (allowPrivateAddress: boolean): typeof lookup =>
  ((host: string, lookupOptions: object, done: (...results: unknown[]) => void) => {
    lookup(host, { ...lookupOptions, all: true }, (error, addresses) => {
      if (error) return done(error);
      const bad = allowPrivateAddress
        ? undefined
        : addresses.find(({ address }) => !isPublicAddress(address));
      if (bad) return done(refusal(host, bad.address));
      const [first] = addresses;
      if ('all' in lookupOptions && lookupOptions.all) return done(null, addresses);
      done(null, first?.address, first?.family);
    });
  }) as typeof lookup;

/** A literal address is never looked up, so it is judged here: the refusal, or undefined. */
export const literalRefusal = (host: string, allowPrivateAddress: boolean): DomainError | undefined => {
  const literal = host.replace(/^\[|\]$/g, '');
  if (allowPrivateAddress || !ipaddr.isValid(literal) || isPublicAddress(literal)) return undefined;
  return refusal(host, literal);
};

/** A dispatcher whose connections go only where allowed. */
export const outboundDispatcher = (options: OutboundOptions): Agent => {
  const connect = buildConnector({
    timeout: 5_000,
    lookup: outboundLookup(options.allowPrivateAddress),
    ...(options.caPem ? { ca: options.caPem } : {}),
  });
  return new Agent({
    headersTimeout: options.timeoutMs ?? 10_000,
    bodyTimeout: options.timeoutMs ?? 10_000,
    connections: 4,
    connect: (target, callback) => {
      const refused = literalRefusal(target.hostname, options.allowPrivateAddress);
      if (refused) return callback(refused, null);
      connect(target, callback);
    },
  });
};
