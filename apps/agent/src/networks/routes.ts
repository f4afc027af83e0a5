import type { AssignedNetwork } from '@portreeve/agent-protocol';
import ipaddr from 'ipaddr.js';

const within = (a: [ipaddr.IPv4, number], b: [ipaddr.IPv4, number]): boolean => a[0].match(b[0], b[1]);

/**
 * Those of a host's routes (IPv4, `10.0.0.0/8`) that overlap the address pool: traffic to them would end in our
 * networks, or the other way round. The default route overlaps nothing, since it takes only what no other wants.
 */
export const conflictsWithRoutes = (pool: string, routes: readonly string[]): string[] => {
  const wanted = ipaddr.IPv4.parseCIDR(pool);
  return routes.filter((route) => {
    if (!ipaddr.IPv4.isValidCIDR(route)) return false;
    const present = ipaddr.IPv4.parseCIDR(route);
    if (present[1] === 0) return false;
    return within(present, wanted) || within(wanted, present);
  });
};

const prefixOf = (cidr: string): number => ipaddr.IPv4.parseCIDR(cidr)[1];

/**
 * Networks that would take the place of a route this host has, with the reason by id. A wider route goes on around a
 * network; one within it, or the very same, would lead nowhere from then on.
 */
export const blockedByRoutes = (
  networks: readonly AssignedNetwork[],
  routes: readonly string[],
): Map<string, string> =>
  new Map(
    networks.flatMap(({ networkId, subnet }) => {
      const [route] = conflictsWithRoutes(subnet, routes).filter((one) => prefixOf(one) >= prefixOf(subnet));
      return route
        ? [[networkId, `this host has a route to ${route}, which overlaps ${subnet}`] as const]
        : [];
    }),
  );
