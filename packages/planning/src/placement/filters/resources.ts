import { type Capacity, formatBytes } from '@portreeve/domain';
import type { Filter } from '../filter.ts';
import { say } from '../filter.ts';
import type { PlacementNode, PlacementRequest } from '../types.ts';
import { freeFor } from '../working-node.ts';

type Kind = keyof Capacity;

const cores = (n: number): string => {
  const rounded = Math.max(0, Math.round(n * 100) / 100);
  return `${rounded} ${rounded === 1 ? 'core' : 'cores'}`;
};

const WORDS: Record<Kind, { noun: string; format: (n: number) => string }> = {
  memoryBytes: { noun: 'memory', format: (n) => formatBytes(Math.max(0, n)) },
  cpus: { noun: 'CPU', format: cores },
  pids: { noun: 'process ids', format: (n) => `${Math.max(0, n)}` },
};

// Sums of fractions of a core must not fail a node that is exactly full.
const SLACK = 1e-9;

const fits = (needed: number | undefined, free: number): boolean =>
  needed === undefined || free + SLACK >= needed;

// A host that names no limit of process ids has none.
const fitsPids = (needed: number | undefined, { capacity }: PlacementNode, free: Capacity): boolean =>
  needed === undefined || capacity.pids <= 0 || fits(needed, free.pids);

const lacks = (
  { reservations }: PlacementRequest,
  seen: PlacementNode,
  free: Capacity,
  kind: Kind,
): boolean =>
  kind === 'pids' ? !fitsPids(reservations.pids, seen, free) : !fits(reservations[kind], free[kind]);

/** Runs for every node that failed, each time one more does. */
const firstLack = ({ reservations }: PlacementRequest, free: Capacity): Kind => {
  if (!fits(reservations.memoryBytes, free.memoryBytes)) return 'memoryBytes';
  return fits(reservations.cpus, free.cpus) ? 'pids' : 'cpus';
};

const lackOf = (request: PlacementRequest, free: Capacity, kind: Kind): string => {
  const missing = (request.reservations[kind] ?? 0) - free[kind];
  return `${WORDS[kind].format(missing)}${kind === 'memoryBytes' ? '' : kind === 'cpus' ? ' of CPU' : ' process ids'}`;
};

/** Reserved CPU, memory and process ids fit beside what is already reserved; limits are not counted. */
export const resources: Filter = {
  name: 'resources',
  applies: ({ reservations: r }) =>
    r.cpus !== undefined || r.memoryBytes !== undefined || r.pids !== undefined,
  check: (request, node) => {
    const { reservations } = request;
    const free = freeFor(request, node);
    return (
      fits(reservations.memoryBytes, free.memoryBytes) &&
      fits(reservations.cpus, free.cpus) &&
      fitsPids(reservations.pids, node.seen, free)
    );
  },
  explain: (request, nodes, subject) => {
    const tally: Record<Kind, { count: number; most: number }> = {
      memoryBytes: { count: 0, most: 0 },
      cpus: { count: 0, most: 0 },
      pids: { count: 0, most: 0 },
    };
    for (const node of nodes) {
      const free = freeFor(request, node);
      const kind = firstLack(request, free);
      const entry = tally[kind];
      entry.count += 1;
      if (free[kind] > entry.most) entry.most = free[kind];
    }
    return (Object.keys(WORDS) as Kind[])
      .filter((kind) => tally[kind].count > 0)
      .map((kind) => {
        const { noun, format } = WORDS[kind];
        const { count, most } = tally[kind];
        const free = `${count === 1 ? '' : 'at most '}${format(most)} free`;
        const figures = `(needs ${format(request.reservations[kind] ?? 0)}, ${free})`;
        return `${say(subject, count, 'has', 'have')} not enough ${noun} ${figures}`;
      })
      .join(', ');
  },
  remedy: (request, node) => {
    const free = freeFor(request, node);
    const kinds = (Object.keys(WORDS) as Kind[]).filter((kind) => lacks(request, node.seen, free, kind));
    if (kinds.some((kind) => (request.reservations[kind] ?? 0) > node.seen.capacity[kind])) return undefined;
    const missing = kinds.map((kind) => lackOf(request, free, kind)).join(' and ');
    const worst = Math.max(
      ...kinds.map((k) => ((request.reservations[k] ?? 0) - free[k]) / node.seen.capacity[k]),
    );
    return { text: `free ${missing} on ${node.seen.name}`, cost: 2 + worst };
  },
};
