'use client';
import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import { useEffect, useRef, useState } from 'react';
import type { ApiError } from '../../lib/call.ts';
import { type OpenStream, openStream } from '../../live/streams.ts';
import { ProblemNote } from '../../ui/problem.tsx';

type Props = { taskId: string; command: string[] };

/** Titles, links, clipboard and notifications: a container must not reach past its own screen. */
const IGNORED_OSC = [0, 1, 2, 7, 8, 9, 52, 99, 133, 777, 1337];

const newTerminal = (): Terminal => {
  const terminal = new Terminal({
    fontSize: 13,
    fontFamily: '"Red Hat Mono", ui-monospace, Menlo, Consolas, monospace',
    cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
    scrollback: 5_000,
    // A link handler that does nothing: links of a container are text.
    linkHandler: { activate: () => undefined, allowNonHttpProtocols: false },
    theme: { background: '#151515', foreground: '#e0e0e0' },
  });
  for (const code of IGNORED_OSC) terminal.parser.registerOscHandler(code, () => true);
  return terminal;
};

const ended = (reason: string, exitCode: number | undefined) =>
  `\r\n\x1b[2m── ${exitCode === undefined ? reason : `ended with exit code ${exitCode}`} ──\x1b[0m\r\n`;

export const TerminalView = ({ taskId, command }: Props) => {
  const box = useRef<HTMLDivElement>(null);
  const [error, setError] = useState<ApiError | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: one session per mount; the parent gives it a new key
  useEffect(() => {
    const place = box.current;
    if (!place) return;
    const terminal = newTerminal();
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
