import type { Placed, PlacementRequest } from './types.ts';

type HostPort = { port: number; protocol: 'tcp' | 'udp'; hostAddress?: string };

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

const isFree = (ports: PortsInUse, freed: ReadonlySet<string>, port: HostPort): boolean => {
  const held = ports.get(keyOf(port.port, port.protocol));
  if (held === undefined) return true;
  if (freed.has(keyOf(port.port, port.protocol))) return held.length <= 1;
  return !collides(held, addressOf(port.hostAddress));
};

/**
 * The lowest free port of each range, or the first range that has none. Ranges that end first choose first,
 * which finds an assignment whenever there is one.
 */
export const choosePorts = (
  ports: PortsInUse,
  request: Pick<PlacementRequest, 'ports' | 'freedPorts'>,
  nodeId: string,
): { chosen: Placed['ports'] } | { missing: PlacementRequest['ports'][number] } => {
  const freed = new Set(
    request.freedPorts.filter((p) => p.nodeId === nodeId).map((p) => keyOf(p.port, p.protocol)),
  );
  const taken: PortsInUse = new Map();
  const chosen: Placed['ports'] = [];
  for (const range of request.ports.toSorted((a, b) => a.to - b.to)) {
    const { target, protocol, hostAddress } = range;
    let published = range.from;
    const usable = () => {
      const port = { port: published, protocol, hostAddress };
      return isFree(ports, freed, port) && isFree(taken, new Set(), port);
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
