'use client';
import { FitAddon } from '@xterm/addon-fit';
import '@xterm/xterm/css/xterm.css';
import { useEffect, useRef, useState } from 'react';
import type { ApiError } from '../../lib/call.ts';
import { type OpenStream, openStream } from '../../live/streams.ts';
import { ProblemNote } from '../../ui/problem.tsx';
import { Status } from '../../ui/status.tsx';
import { newScreen } from './screen.ts';

type Props = { taskId: string; command: string[] };

const ended = (reason: string, exitCode: number | undefined) =>
  `\r\n\x1b[2m── ${exitCode === undefined ? reason : `ended with exit code ${exitCode}`} ──\x1b[0m\r\n`;

export const TerminalView = ({ taskId, command }: Props) => {
  const box = useRef<HTMLDivElement>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [recorded, setRecorded] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: one session per mount; the parent gives it a new key
  useEffect(() => {
    const place = box.current;
    if (!place) return;
    const terminal = newScreen();
    const fit = new FitAddon();
    terminal.loadAddon(fit);
    terminal.open(place);
    fit.fit();
    let stream: OpenStream | null = null;
    let over = false;
    const encoder = new TextEncoder();
    openStream(
      { kind: 'terminal', taskId, command, columns: terminal.cols, rows: terminal.rows },
      {
        bytes: (bytes) => terminal.write(bytes),
        end: (end) => {
          stream = null;
          terminal.write(ended(end.reason, end.exitCode));
        },
      },
    ).then(
      (opened) => {
        if (over) return opened.close();
        stream = opened;
        setRecorded(opened.recorded);
        terminal.focus();
      },
      (failure: ApiError) => !over && setError(failure),
    );
    const typed = terminal.onData((text) => stream?.input(encoder.encode(text)));
    const sized = terminal.onResize(({ cols, rows }) => stream?.resize(cols, rows));
    const watcher = new ResizeObserver(() => fit.fit());
    watcher.observe(place);
    return () => {
      over = true;
      watcher.disconnect();
      typed.dispose();
      sized.dispose();
      stream?.close();
      terminal.dispose();
    };
  }, []);
  return (
    <>
      <ProblemNote error={error} />
      {recorded && (
        <p style={{ marginBlockEnd: 6 }}>
          <Status tone="warn">What this terminal shows is recorded, as its project asks for.</Status>
        </p>
      )}
      <div
        ref={box}
        style={{
          blockSize: 'max(320px, calc(100dvh - 380px))',
          background: '#151515',
          padding: 8,
          borderRadius: 8,
        }}
      />
    </>
  );
};
