'use client';
import { Button, Slider } from '@patternfly/react-core';
import type { Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import { useEffect, useRef, useState } from 'react';
import { RangeChips } from '../../ui/range-chips.tsx';
import { newScreen } from '../terminal/screen.ts';
import { type Cast, sizeOf } from './cast.ts';

const SPEEDS = ['1', '2', '4', '16'].map((value) => ({ value, text: `${value}×` }));
const TICK_MS = 50;
const [SMALLEST, USUAL] = [5, 13];
/** How wide a letter is, by its height; and what stands beside the lines. */
const LETTER = 0.605;
const BESIDE_PX = 32;

/** Letters as large as the widest line has room for: a recording is as wide as it was. */
const fittingSize = (width: number, { columns, events }: Cast): number => {
  const widest = events.reduce(
    (most, { kind, text }) => (kind === 'r' ? Math.max(most, sizeOf(text)?.columns ?? 0) : most),
    columns,
  );
  return Math.max(SMALLEST, Math.min(USUAL, Math.floor(((width - BESIDE_PX) / widest / LETTER) * 2) / 2));
};

/** Draws a recording up to any moment; going back begins anew. */
const painter = (terminal: Terminal, { columns, rows, events }: Cast) => {
  let next = 0;
  return (until: number) => {
    if (next > 0 && (events[next - 1]?.at ?? 0) > until) {
      terminal.reset();
      terminal.resize(columns, rows);
      next = 0;
    }
    for (let event = events[next]; event && event.at <= until; event = events[next]) {
      const size = event.kind === 'r' ? sizeOf(event.text) : undefined;
      if (size) terminal.resize(size.columns, size.rows);
      else if (event.kind === 'o') terminal.write(event.text);
      next += 1;
    }
  };
};

/** Plays what a terminal showed; nothing can be typed. */
export const CastPlayer = ({ cast }: { cast: Cast }) => {
  const box = useRef<HTMLDivElement>(null);
  const paint = useRef<(until: number) => void>(() => undefined);
  const [at, setAt] = useState(0);
  const [playing, setPlaying] = useState(true);
  const [speed, setSpeed] = useState('1');
  const over = at >= cast.length;
  useEffect(() => {
    if (!box.current) return;
    const place = box.current;
    const terminal = newScreen({ cols: cast.columns, rows: cast.rows, disableStdin: true });
    terminal.open(place);
    const watcher = new ResizeObserver(() => {
      terminal.options.fontSize = fittingSize(place.clientWidth, cast);
    });
    watcher.observe(place);
    paint.current = painter(terminal, cast);
    return () => {
      watcher.disconnect();
      terminal.dispose();
    };
  }, [cast]);
  useEffect(() => paint.current(at), [at]);
  useEffect(() => {
    if (!playing || over) return;
    const timer = setInterval(
      () => setAt((before) => Math.min(cast.length, before + (TICK_MS / 1_000) * Number(speed))),
      TICK_MS,
    );
    return () => clearInterval(timer);
  }, [playing, over, speed, cast]);
  const press = () => {
    if (over) setAt(0);
    setPlaying(over || !playing);
  };
  return (
    <>
      <div style={{ display: 'flex', gap: 12, flexWrap: 'wrap', alignItems: 'center', marginBlockEnd: 8 }}>
        <Button size="sm" variant="secondary" onClick={press}>
          {over ? 'Play again' : playing ? 'Pause' : 'Play'}
        </Button>
        <RangeChips label="Speed" options={SPEEDS} value={speed} onChange={setSpeed} />
        <span style={{ flex: '1 1 200px' }}>
          <Slider
            aria-label="Moment of the recording, in seconds"
            min={0}
            max={Math.max(1, Math.ceil(cast.length))}
            value={Math.round(at)}
            showTicks={false}
            onChange={(_, value) => {
              setPlaying(false);
              setAt(value);
            }}
          />
        </span>
        <span className="dim">
          {Math.floor(at)} of {Math.ceil(cast.length)} s
        </span>
      </div>
      <div ref={box} style={{ background: '#151515', padding: 8, borderRadius: 8, overflowX: 'auto' }} />
    </>
  );
};
