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
