import type { PlacedDependency } from './service/dependencies.ts';
import type { ReadService } from './service/read-service.ts';
import { wrong } from './tree.ts';

/**
 * Checks `depends_on` among the services of the chosen profiles: unknown services, services that are not chosen,
 * and circles. `known` are all services of the file.
 */
export const checkDependencies = (services: readonly ReadService[], known: ReadonlySet<string>): void => {
  const chosen = new Map(services.map((service) => [service.name, service.dependencies]));
  for (const { dependencies } of services) {
    for (const { dependency, at } of dependencies) {
      const other = dependency.service;
      if (chosen.has(other)) continue;
      if (!known.has(other)) {
        wrong(at, `There is no service ${other.slice(0, 63)}; correct the name, or add it.`);
      } else if (dependency.required) {
        wrong(
          at,
          `${other} is not in the chosen profiles; choose one of its profiles, or write required: false.`,
        );
      }
    }
  }
  reportCircle(chosen);
};

/**
 * A service that others wait to see completed has to end: where the file does not say when it is restarted, that is
 * after a failure only. One that is restarted whatever happens would be waited for in vain, and run again and again.
 */
export const letComplete = (services: readonly ReadService[]): ReadService[] => {
  const awaited = new Set(
    services.flatMap(({ dependencies }) =>
      dependencies.flatMap(({ dependency }) =>
        dependency.condition === 'completed' ? dependency.service : [],
      ),
    ),
  );
  return services.map((service) => {
    const { name, spec, restartAt } = service;
    if (!awaited.has(name) || spec.restart.condition !== 'any') return service;
    if (restartAt)
      wrong(
        restartAt,
        `Another service waits for ${name} to complete, and this restarts it whenever it does; write on-failure or "no".`,
      );
    return { ...service, spec: { ...spec, restart: { ...spec.restart, condition: 'on-failure' } } };
  });
};

type Graph = ReadonlyMap<string, readonly PlacedDependency[]>;

/** Takes away again and again what waits for nothing; what stays waits, along some way, for itself. */
const reportCircle = (graph: Graph): void => {
  const waiting = new Map(
    [...graph].map(([name, needs]) => [name, needs.filter((n) => graph.has(n.dependency.service)).length]),
  );
  const free = [...waiting].flatMap(([name, count]) => (count === 0 ? [name] : []));
  const waiters = waitersIn(graph);
  for (let name = free.pop(); name !== undefined; name = free.pop()) {
    waiting.delete(name);
    for (const waiter of waiters.get(name) ?? []) {
      const left = (waiting.get(waiter) ?? 0) - 1;
      waiting.set(waiter, left);
      if (left === 0) free.push(waiter);
    }
  }
  const [first] = waiting.keys();
  if (first !== undefined) reportFrom(first, graph, waiting);
};

const waitersIn = (graph: Graph): Map<string, string[]> => {
  const waiters = new Map<string, string[]>([...graph.keys()].map((name) => [name, []]));
  for (const [name, needs] of graph)
    for (const { dependency } of needs) waiters.get(dependency.service)?.push(name);
  return waiters;
};

const reportFrom = (first: string, graph: Graph, stuck: ReadonlyMap<string, number>): void => {
  const way: string[] = [];
  const met = new Set<string>();
  for (let name = first; ; ) {
    met.add(name);
    way.push(name);
    const next = graph.get(name)?.find(({ dependency }) => stuck.has(dependency.service));
    if (!next) return;
    name = next.dependency.service;
    if (!met.has(name)) continue;
    const circle = [...way.slice(way.indexOf(name)), name];
    const shown = circle.length > 8 ? [...circle.slice(0, 4), '…', ...circle.slice(-3)] : circle;
    wrong(next.at, `${shown.join(' waits for ')}; remove one of these dependencies.`);
    return;
  }
};
