import { DomainError } from '@portreeve/domain';
import ipaddr from 'ipaddr.js';

/** An IPv4 range as numbers: first address and prefix length. */
export type Range = { base: number; prefix: number };

/** Stack networks are cut at this size: 1,021 tasks and hosts each. */
export const NETWORK_PREFIX = 22;
const FIRST_VNI = 4_096;
const LAST_VNI = 16_777_000;

const toNumber = (octets: number[]): number => octets.reduce((sum, octet) => sum * 256 + octet, 0);
/** Dotted form of an address given as a number. */
export const toAddress = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
export const fromAddress = (address: string): number => toNumber(ipaddr.IPv4.parse(address).octets);
const sizeOf = (range: Range): number => 2 ** (32 - range.prefix);

/** Reads `10.200.0.0/14`; the host part is cut off. */
export const parseRange = (cidr: string): Range => {
  const [address, prefix] = ipaddr.IPv4.parseCIDR(cidr);
  const size = 2 ** (32 - prefix);
  return { base: Math.floor(toNumber(address.octets) / size) * size, prefix };
};
export const formatRange = (range: Range): string => `${toAddress(range.base)}/${range.prefix}`;

/** Addresses that containers and hosts may have: neither the subnet's own nor its broadcast address. */
export const hostsOf = (range: Range): number => Math.max(0, sizeOf(range) - 2);

export const overlaps = (a: Range, b: Range): boolean =>
  a.base < b.base + sizeOf(b) && b.base < a.base + sizeOf(a);

/** True when the whole of `inner` lies inside `outer`. */
export const contains = (outer: Range, inner: Range): boolean =>
  inner.prefix >= outer.prefix && overlaps(outer, inner);

/**
 * The next free subnet of the pool after the last one given, so that one just given back rests as long as it can:
 * hosts may still hold entries of it.
 */
export const nextSubnet = (pool: Range, taken: readonly Range[], last: Range | undefined): Range => {
  const prefix = Math.max(pool.prefix, NETWORK_PREFIX);
  const size = 2 ** (32 - prefix);
  const count = sizeOf(pool) / size;
  const inside = last && overlaps(pool, last) ? Math.floor((last.base - pool.base) / size) + 1 : 0;
  for (let step = 0; step < count; step += 1) {
    const candidate = { base: pool.base + ((inside + step) % count) * size, prefix };
    if (!taken.some((range) => overlaps(range, candidate))) return candidate;
  }
  throw new DomainError('conflict.state', `The address pool ${formatRange(pool)} has no free network left.`, {
    hint: 'Remove stacks that are no longer needed, or choose a larger pool in the settings.',
  });
};

/** The next free VXLAN identifier after the last one given. */
export const nextVni = (taken: ReadonlySet<number>, last: number | undefined): number => {
  const start = Math.max(FIRST_VNI, (last ?? FIRST_VNI - 1) + 1);
  for (let vni = start; vni <= LAST_VNI; vni += 1) if (!taken.has(vni)) return vni;
  for (let vni = FIRST_VNI; vni < start; vni += 1) if (!taken.has(vni)) return vni;
  throw new DomainError('conflict.state', 'There is no free network number left.');
};

/**
 * Locally administered MAC made from the address: unique wherever the address is. The very one that engines before API
 * 1.44 give by themselves: there a container's second network takes no other.
 */
export const macOf = (address: string): string =>
  ['02', '42', ...address.split('.').map((octet) => Number(octet).toString(16).padStart(2, '0'))].join(':');

/**
 * `count` free host addresses of a subnet, going on after `last` so that one just given back rests. Neither the
 * subnet's own nor its broadcast address. Throws `conflict.state` when too few are left.
 */
export const nextAddresses = (
  subnet: Range,
  taken: ReadonlySet<number>,
  last: number | undefined,
  count: number,
): string[] => {
  const hosts = hostsOf(subnet);
  const start = last === undefined ? 0 : (last - subnet.base) % hosts;
  const found: string[] = [];
  for (let step = 0; step < hosts && found.length < count; step += 1) {
    const candidate = subnet.base + 1 + ((start + step) % hosts);
    if (!taken.has(candidate)) found.push(toAddress(candidate));
  }
  if (found.length === count) return found;
  throw new DomainError('conflict.state', `The network ${formatRange(subnet)} has no free address left.`);
};
