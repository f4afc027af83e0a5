import { describe, expect, it } from 'vitest';
import { CELL_MS, healthStrip } from './health-strip.ts';

const NOW = new Date('2026-05-01T12:05:00Z');
const ago = (minutes: number): Date => new Date(NOW.getTime() - minutes * 60_000);
const nothing = { alerts: [], rollouts: [], begun: ago(10_000) };
const states = (seen: Parameters<typeof healthStrip>[0]) => healthStrip(seen, NOW).map(({ state }) => state);

describe('the health strip of the overview', () => {
  it('is a day of cells, the last of which is now', () => {
    const strip = healthStrip(nothing, NOW);
    expect(strip).toHaveLength(72);
    expect(strip.at(-1)?.from).toBe('2026-05-01T12:00:00.000Z');
    expect(Date.parse(strip[1]?.from ?? '') - Date.parse(strip[0]?.from ?? '')).toBe(CELL_MS);
    expect(new Set(strip.map(({ state }) => state))).toEqual(new Set(['ok']));
  });

  it.each([
    ['an alert that is open colours every cell since it began', { since: ago(30), endedAt: null }, 3],
    ['an alert that ended colours the cells it touched', { since: ago(50), endedAt: ago(48) }, 1],
  ])('%s', (_, span, cells) => {
    const strip = states({ ...nothing, alerts: [{ ...span, severity: 'warning' }] });
    expect(strip.filter((state) => state === 'warning')).toHaveLength(cells);
  });

  it('shows the worst of a cell, and a change only where nothing was wrong', () => {
    const strip = states({
      ...nothing,
      alerts: [
        { since: ago(1), endedAt: null, severity: 'warning' },
        { since: ago(1), endedAt: null, severity: 'critical' },
      ],
      rollouts: [{ since: ago(30), endedAt: ago(1) }],
    });
    expect(strip.slice(-3)).toEqual(['changing', 'changing', 'critical']);
  });

  it('claims nothing for the time before the cluster was there', () => {
    expect(states({ ...nothing, begun: ago(30) }).filter((state) => state !== 'unknown')).toHaveLength(3);
  });
});
