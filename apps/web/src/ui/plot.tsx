'use client';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { figureWords } from './figure.ts';
import 'uplot/dist/uPlot.min.css';

type Series = { name: string; points: readonly (readonly [number, number])[] };
type Props = { series: readonly Series[]; unit: string; height?: number };

const COLORS = ['#0066cc', '#c9190b', '#3e8635', '#b98412', '#5e40be', '#008a9b', '#ec7a08', '#6a6e73'];
const SECOND = 1_000;

/** uPlot wants one time axis for all: the union of theirs, with gaps where one has none. Times are seconds. */
const align = (series: readonly Series[]): uPlot.AlignedData => {
  const seconds = (at: number) => (at > 1e11 ? at / SECOND : at);
  const times = [...new Set(series.flatMap((each) => each.points.map(([at]) => seconds(at))))].sort(
    (a, b) => a - b,
  );
  const columns = series.map((each) => {
    const known = new Map(each.points.map(([at, value]) => [seconds(at), value]));
    return times.map((at) => known.get(at) ?? null);
  });
  return [times, ...columns];
};

/** The legend tells the newest figures until somebody points at others. */
const tellLast = (plot: uPlot): void => {
  if ((plot.cursor.left ?? -1) < 0) plot.setLegend({ idx: plot.data[0].length - 1 }, false);
};

/** Seconds only where ticks are closer than a minute: else two of them would read alike. */
const clocks = (_: uPlot, splits: number[], __: number, ___: number, step: number): string[] => {
  const clock = uPlot.fmtDate(step < 60 ? '{HH}:{mm}:{ss}' : '{HH}:{mm}');
  return splits.map((at) => clock(new Date(at * SECOND)));
};

const optionsFor = (box: HTMLElement, { series, unit, height = 170 }: Props): uPlot.Options => {
  const axis = {
    // Asked for at each drawing: the theme may have changed.
    stroke: () => getComputedStyle(box).color,
    grid: { stroke: 'rgba(128,128,128,.18)', width: 1 },
    ticks: { show: false },
  };
  return {
    width: box.clientWidth,
    height,
    cursor: { points: { size: 6 } },
    legend: { live: true },
    hooks: { ready: [tellLast] },
    scales: { y: { range: (_, min, max) => [Math.min(0, min), max > 0 ? max * 1.1 : 1] } },
    axes: [
      { ...axis, values: clocks },
      { ...axis, size: 70, values: (_, splits) => splits.map((value) => figureWords(unit, value)) },
    ],
    series: [
      { value: '{HH}:{mm}:{ss}' },
      ...series.map((each, index) => ({
        label: each.name,
        stroke: COLORS[index % COLORS.length],
        width: 1.5,
        spanGaps: false,
        value: (_: uPlot, value: number | null) => figureWords(unit, value),
      })),
    ],
  };
};

/** A small, fast plot over time, as wide as its place. */
export const Plot = (props: Props) => {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const names = props.series.map((each) => each.name).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: made anew only when other lines are shown
  useEffect(() => {
    const place = box.current;
    if (!place) return;
    const made = new uPlot(optionsFor(place, props), align(props.series), place);
    plot.current = made;
    // Colours turn slowly: those asked for at once are still the old ones.
    const repaint = (): void => {
      const turning = place.getAnimations().map(({ finished }) => finished);
      void Promise.allSettled(turning).then(() => made.redraw(false, true));
    };
    const theme = new MutationObserver(() => requestAnimationFrame(repaint));
    theme.observe(document.documentElement, { attributeFilter: ['class'] });
    const watcher = new ResizeObserver(() => made.setSize({ width: place.clientWidth, height: made.height }));
    watcher.observe(place);
    return () => {
      watcher.disconnect();
      theme.disconnect();
      made.destroy();
    };
  }, [names, props.unit]);
  useEffect(() => {
    if (!plot.current) return;
    plot.current.setData(align(props.series));
    tellLast(plot.current);
  }, [props.series]);
  return <div ref={box} role="img" aria-label={`Over time: ${names}`} style={{ minBlockSize: 170 }} />;
};
