import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, existsSync, renameSync, statSync, type WriteStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { say } from './say.ts';

export type ChildOptions = {
  name: string;
  /** Must give up, and leave nothing running, as soon as `stopping` is aborted. */
  start(stopping: AbortSignal): ChildProcess | Promise<ChildProcess>;
  /** Sent at the end; the child has `graceMs` before it is killed. */
  stopSignal: NodeJS.Signals;
  graceMs: number;
};
export type Child = {
  /** Done when the first start is, and failed when that failed. */
  started: Promise<unknown>;
  current(): ChildProcess | undefined;
  /** Also while it starts; resolves when nothing of it runs. */
  stop(): Promise<void>;
};

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** One that ran this long had started well: its next failure waits as little as the first. */
const STEADY_MS = 60_000;

const ended = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve(howItEnded(child));
    child.once('exit', () => resolve(howItEnded(child)));
    // Also told of a message or a signal that did not arrive: whoever still runs has not ended by that.
    child.on('error', (error) => {
      if (child.pid === undefined) resolve(error.message);
    });
  });
const howItEnded = (child: ChildProcess): string =>
  child.signalCode ? `by ${child.signalCode}` : `with code ${child.exitCode}`;

/** Keeps one process running, started again alone and with growing patience; the others go on meanwhile. */
export const keepRunning = (options: ChildOptions): Child => {
  const stopping = new AbortController();
  const { signal } = stopping;
  let wait = FIRST_WAIT_MS;
  let child: ChildProcess | undefined;
  let startedAt = 0;
  const start = async (): Promise<void> => {
    startedAt = Date.now();
    child = await options.start(signal);
  };
  const started = start();
  let starting = started;

  const watch = async () => {
    await started;
    while (!signal.aborted) {
      const how = child ? await ended(child) : 'before it began';
      if (signal.aborted) return;
      child = undefined;
      wait = Date.now() - startedAt > STEADY_MS ? FIRST_WAIT_MS : Math.min(wait * 2, LONGEST_WAIT_MS);
      say(`${options.name} ended ${how}; it starts again in ${wait / 1_000} s.`);
      await sleep(wait, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      starting = start().catch((error) => {
        if (!signal.aborted) say(`${options.name}: ${error instanceof Error ? error.message : error}`);
      });
      await starting;
    }
  };
  // Whoever waits for `started` hears of a first start that failed.
  watch().catch(() => {});

  return {
    started,
    current: () => child,
    stop: async () => {
      stopping.abort();
      await starting.catch(() => {});
      if (!child) return;
      const last = child;
      last.kill(options.stopSignal);
      const kill = setTimeout(() => last.kill('SIGKILL'), options.graceMs);
      await ended(last);
      clearTimeout(kill);
    },
  };
};

const MAX_LOG_BYTES = 20 * 1024 * 1024;

/**
 * A log file with one predecessor, so that it never fills the disk alone. What cannot be written (the disk is full, the
 * folder is gone) is lost, and those whose log it is run on: what comes later is written as soon as that is possible.
 */
export const logFile = (path: string): { write(chunk: Buffer | string): void } => {
  let stream: WriteStream | undefined;
  let written = 0;
  const open = (): WriteStream => {
    const opened = createWriteStream(path, { flags: 'a', mode: 0o600 });
    opened.on('error', () => {
      if (stream === opened) stream = undefined;
    });
    return opened;
  };
  const turn = (): void => {
    stream?.end();
    stream = undefined;
    written = 0;
    try {
      renameSync(path, `${path}.1`);
    } catch {
      // Taken away by somebody: a new one is made.
    }
  };
  if (existsSync(path) && statSync(path).size > MAX_LOG_BYTES) turn();
  return {
    write: (chunk) => {
      written += chunk.length;
      if (written > MAX_LOG_BYTES) turn();
      stream ??= open();
      stream.write(chunk);
    },
  };
};

/** Starts a program whose output goes to a log, in a process group of its own: Ctrl-C reaches it only through us. */
export const spawnLogged = (
  command: string,
  args: readonly string[],
  options: { log: ReturnType<typeof logFile>; env: NodeJS.ProcessEnv; ipc?: boolean; input?: 'pipe' },
): ChildProcess => {
  const child = spawn(command, [...args], {
    env: options.env,
    detached: true,
    stdio: [options.input ?? 'ignore', 'pipe', 'pipe', ...(options.ipc ? (['ipc'] as const) : [])],
  });
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => options.log.write(chunk));
  return child;
};
