import type { HostPort } from '@portreeve/domain';
import type { Placed, PlacementRequest } from './types.ts';

/** Addresses that hold a port of a host, by port and protocol. */
export type PortsInUse = Map<string, string[]>;

const EVERY_ADDRESS = '0.0.0.0';
const keyOf = (port: number, protocol: 'tcp' | 'udp'): string => `${port}/${protocol}`;
const addressOf = (hostAddress: string | undefined): string =>
  hostAddress === undefined || hostAddress === '' || hostAddress === '::' ? EVERY_ADDRESS : hostAddress;

/** Notes that a port of the host is held. */
export const occupyPort = (ports: PortsInUse, used: HostPort): void => {
  const key = keyOf(used.port, used.protocol);
  ports.set(key, [...(ports.get(key) ?? []), addressOf(used.hostAddress)]);
};

const collides = (held: string[], wanted: string): boolean =>
  wanted === EVERY_ADDRESS
    ? held.length > 0
    : held.some((address) => address === EVERY_ADDRESS || address === wanted);

/** What of `held` is left once each of `freed` is given up, once. */
const without = (held: string[], freed: string[]): string[] => {
  const left = [...held];
  for (const address of freed) {
    const at = left.indexOf(address);
    if (at >= 0) left.splice(at, 1);
  }
  return left;
};

const isFree = (ports: PortsInUse, freed: PortsInUse, port: HostPort): boolean => {
  const key = keyOf(port.port, port.protocol);
  const held = ports.get(key);
  if (held === undefined) return true;
  const given = freed.get(key);
  return !collides(given === undefined ? held : without(held, given), addressOf(port.hostAddress));
};

const NONE: PortsInUse = new Map();

const freedOn = (freed: PlacementRequest['freed'], nodeId: string): PortsInUse => {
  if (freed.length === 0) return NONE;
  const ports: PortsInUse = new Map();
  for (const task of freed)
    if (task.nodeId === nodeId) for (const port of task.ports) occupyPort(ports, port);
  return ports;
};

/**
 * The lowest free port of each range, or the first range that has none. Ranges that end first choose first,
 * which finds an assignment whenever there is one.
 */
export const choosePorts = (
  ports: PortsInUse,
  request: Pick<PlacementRequest, 'ports' | 'freed'>,
  nodeId: string,
): { chosen: Placed['ports'] } | { missing: PlacementRequest['ports'][number] } => {
  const freed = freedOn(request.freed, nodeId);
  const taken: PortsInUse = new Map();
  const chosen: Placed['ports'] = [];
  for (const range of request.ports.toSorted((a, b) => a.to - b.to)) {
    const { target, protocol, hostAddress } = range;
    let published = range.from;
    const usable = () => {
      const port = { port: published, protocol, hostAddress };
      return isFree(ports, freed, port) && isFree(taken, NONE, port);
    };
    while (published <= range.to && !usable()) published += 1;
    if (published > range.to) return { missing: range };
    occupyPort(taken, { port: published, protocol, hostAddress });
    chosen.push(
      hostAddress === undefined
        ? { target, published, protocol }
        : { target, published, protocol, hostAddress },
    );
  }
  return { chosen };
};
