'use client';
import type { StreamLine, StreamRequest } from '@portreeve/contract';
import { useEffect, useRef, useState } from 'react';
import type { z } from 'zod';
import type { ApiError } from '../../lib/call.ts';
import { useConnection } from '../../live/live-provider.tsx';
import { type OpenStream, openStream } from '../../live/streams.ts';
import { type LogLine, mergeLines } from './log-buffer.ts';

type Request = Omit<Extract<z.input<typeof StreamRequest>, { kind: 'logs' }>, 'kind'>;
export type Log = {
  lines: readonly LogLine[];
  state: 'opening' | 'following' | 'ended';
  reason: string;
  error: ApiError | null;
  /** Lines of the last second. */
  rate: number;
};
const EMPTY: Log = { lines: [], state: 'opening', reason: '', error: null, rate: 0 };
const RATE_MS = 1_000;

/** Follows a log. Lines are gathered and shown once per frame, however many arrive. */
export const useLog = (request: Request): Log => {
  const [log, setLog] = useState<Log>(EMPTY);
  const { state } = useConnection();
  const connected = state === 'live' || state === 'no database';
  const id = JSON.stringify(request);
  const seen = useRef(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `id` is the whole request
  useEffect(() => {
    if (!connected) return;
    setLog(EMPTY);
    let stream: OpenStream | null = null;
    let over = false;
    let waiting: StreamLine[] = [];
    let frame = 0;
    const show = () => {
      frame = 0;
      const batch = waiting;
      waiting = [];
      setLog((before) => ({ ...before, lines: mergeLines(before.lines, batch) }));
    };
    const rate = setInterval(() => {
      const count = seen.current;
      seen.current = 0;
      setLog((before) => (before.rate === count ? before : { ...before, rate: count }));
    }, RATE_MS);
    openStream(
      { kind: 'logs', ...request },
      {
        lines: (lines) => {
          waiting.push(...lines);
          seen.current += lines.length;
          frame ||= requestAnimationFrame(show);
        },
        end: (end) => setLog((before) => ({ ...before, state: 'ended', reason: end.reason })),
      },
    ).then(
      (opened) => {
        stream = opened;
        if (over) opened.close();
        else setLog((before) => (before.state === 'opening' ? { ...before, state: 'following' } : before));
      },
      (error: ApiError) => !over && setLog((before) => ({ ...before, state: 'ended', error })),
    );
    return () => {
      over = true;
      clearInterval(rate);
      cancelAnimationFrame(frame);
      stream?.close();
    };
  }, [id, connected]);
  return log;
};
