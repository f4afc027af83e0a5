import type { NodeFacts } from '@portreeve/domain';
import ipaddr from 'ipaddr.js';

/** Interfaces that engines and we make ourselves: never where other hosts reach this one. */
const VIRTUAL = /^(lo|docker|br-|pr\d|vx|veth|virbr|cni|podman|tun|wg)/;

const plain = (address: string): string => {
  if (!ipaddr.isValid(address)) return '';
  return ipaddr.process(address).toString();
};

/** What is no address of one host: packets for it would go to all of them, or to nobody. */
const NO_HOST = ['multicast', 'broadcast', 'unspecified', 'loopback'];
const isOfAHost = (address: string): boolean =>
  ipaddr.isValid(address) && !NO_HOST.includes(ipaddr.process(address).range());

/**
 * What a host says of itself, with what it cannot know: tunnels between hosts go over IPv4 alone, so that one which
 * others reach by nothing else, or at all, joins no network, however able it is.
 */
export const asReached = (facts: NodeFacts, hostAddress: string): NodeFacts => {
  if (!facts.crossHostNetworks.able || ipaddr.IPv4.isValid(hostAddress)) return facts;
  const reason =
    hostAddress === ''
      ? 'it has no address by which other hosts reach it'
      : `other hosts reach it by IPv6 alone (${hostAddress}), and tunnels go over IPv4`;
  return { ...facts, crossHostNetworks: { able: false, reason } };
};

/** True for an address of the host itself, where only this server's own host comes from. */
export const isLoopback = (address: string): boolean =>
  ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback';

/**
 * The address at which other hosts reach this one: where its connection came from, when that is its own; else the
 * first address of a real interface, since a router may stand in between. Empty when none is known.
 */
export const hostAddressOf = (remote: string, facts: NodeFacts): string => {
  const own = facts.addresses
    .filter(({ interface: name, address }) => !VIRTUAL.test(name) && isOfAHost(address))
    .map(({ address }) => plain(address));
  const seen = plain(remote);
  if (own.includes(seen)) return seen;
  const best = own.find((address) => ipaddr.IPv4.isValid(address)) ?? own[0];
  return best ?? (isLoopback(remote) ? '' : seen);
};
