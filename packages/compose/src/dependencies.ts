import type { ReadService } from './service/read-service.ts';
import { wrong } from './tree.ts';

/**
 * Checks `depends_on` among the services of the chosen profiles: unknown services, a service that waits for
 * itself, and circles. `known` are all services of the file.
 */
export const checkDependencies = (services: readonly ReadService[], known: ReadonlySet<string>): void => {
  const chosen = new Map(services.map((service) => [service.name, service]));
  for (const { name, dependencies } of services) {
    for (const { dependency, at } of dependencies) {
      const other = dependency.service;
      if (chosen.has(other)) {
        const circle = circleFrom(other, name, chosen);
        if (circle) wrong(at, `${[name, ...circle].join(' waits for ')}; remove one of these dependencies.`);
      } else if (!known.has(other)) {
        wrong(at, `There is no service ${other.slice(0, 63)}; correct the name, or add it.`);
      } else if (dependency.required) {
        wrong(
          at,
          `${other} is not in the chosen profiles; choose one of its profiles, or write required: false.`,
        );
      }
    }
  }
};

/** The way from one service along dependencies to another, if there is one. */
const circleFrom = (
  from: string,
  to: string,
  services: ReadonlyMap<string, ReadService>,
): string[] | undefined => {
  const ways = [[from]];
  const seen = new Set<string>();
  for (let way = ways.shift(); way; way = ways.shift()) {
    const last = way.at(-1) ?? from;
    if (last === to) return way;
    if (seen.has(last)) continue;
    seen.add(last);
    for (const { dependency } of services.get(last)?.dependencies ?? [])
      ways.push([...way, dependency.service]);
  }
  return undefined;
};
