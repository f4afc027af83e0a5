import type { Overview } from '@portreeve/contract';

type Cell = Overview['health'][number]['state'];
type Span = { since: Date; endedAt: Date | null };

const CELLS = 72;
/** What one cell stands for; the strip is a day. */
export const CELL_MS = 20 * 60_000;

const overlaps = ({ since, endedAt }: Span, from: number, until: number): boolean =>
  since.getTime() < until && (endedAt === null || endedAt.getTime() >= from);

/** The day that ends with the cell of `now`, each cell as bad as the worst moment in it; before `begun` nothing is known. */
export const healthStrip = (
  seen: {
    alerts: readonly (Span & { severity: string })[];
    rollouts: readonly Span[];
    begun: Date;
  },
  now: Date,
): Overview['health'] => {
  const end = (Math.floor(now.getTime() / CELL_MS) + 1) * CELL_MS;
  return Array.from({ length: CELLS }, (_, index) => {
    const from = end - (CELLS - index) * CELL_MS;
    const until = from + CELL_MS;
    const severities = seen.alerts.filter((span) => overlaps(span, from, until)).map((one) => one.severity);
    const state = (): Cell => {
      if (until <= seen.begun.getTime()) return 'unknown';
      if (severities.includes('critical')) return 'critical';
      if (severities.includes('warning')) return 'warning';
      return seen.rollouts.some((span) => overlaps(span, from, until)) ? 'changing' : 'ok';
    };
    return { from: new Date(from).toISOString(), state: state() };
  });
};
