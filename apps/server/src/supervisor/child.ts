import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, existsSync, renameSync, statSync, type WriteStream } from 'node:fs';
import { say } from './say.ts';

export type ChildOptions = {
  name: string;
  start(): ChildProcess | Promise<ChildProcess>;
  /** Sent at the end; the child has `graceMs` before it is killed. */
  stopSignal: NodeJS.Signals;
  graceMs: number;
};
export type Child = { current(): ChildProcess | undefined; stop(): Promise<void> };

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** One that ran this long had started well: its next failure waits as little as the first. */
const STEADY_MS = 60_000;

const ended = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve(howItEnded(child));
    child.once('exit', () => resolve(howItEnded(child)));
    child.once('error', (error) => resolve(error.message));
  });
const howItEnded = (child: ChildProcess): string =>
  child.signalCode ? `by ${child.signalCode}` : `with code ${child.exitCode}`;

/** Keeps one process running, started again alone and with growing patience; the others go on meanwhile. */
export const keepRunning = async (options: ChildOptions): Promise<Child> => {
  let stopping = false;
  let wait = FIRST_WAIT_MS;
  let child: ChildProcess | undefined = await options.start();
  let startedAt = Date.now();
  let wake: (() => void) | undefined;

  const watch = async () => {
    while (!stopping) {
      const how = child ? await ended(child) : 'before it began';
      child = undefined;
      if (stopping) return;
      wait = Date.now() - startedAt > STEADY_MS ? FIRST_WAIT_MS : Math.min(wait * 2, LONGEST_WAIT_MS);
      say(`${options.name} ended ${how}; it starts again in ${wait / 1_000} s.`);
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, wait);
      });
      if (stopping) return;
      startedAt = Date.now();
      child = await Promise.resolve(options.start()).catch((error) => {
        say(`${options.name}: ${error instanceof Error ? error.message : error}`);
        return undefined;
      });
    }
  };
  void watch();

  return {
    current: () => child,
    stop: async () => {
      stopping = true;
      wake?.();
      const last = child;
      if (!last) return;
      last.kill(options.stopSignal);
      const kill = setTimeout(() => last.kill('SIGKILL'), options.graceMs);
      await ended(last);
      clearTimeout(kill);
    },
  };
};

const MAX_LOG_BYTES = 20 * 1024 * 1024;

/** A log file with one predecessor, so that it never fills the disk alone. */
export const logFile = (path: string): Pick<WriteStream, 'write'> => {
  if (existsSync(path) && statSync(path).size > MAX_LOG_BYTES) renameSync(path, `${path}.1`);
  let stream = createWriteStream(path, { flags: 'a', mode: 0o600 });
  let written = 0;
  return {
    write: (chunk: Buffer | string) => {
      written += chunk.length;
      if (written > MAX_LOG_BYTES) {
        stream.end();
        renameSync(path, `${path}.1`);
        stream = createWriteStream(path, { flags: 'a', mode: 0o600 });
        written = 0;
      }
      return stream.write(chunk);
    },
  };
};

/** Starts a program whose output goes to a log, in a process group of its own: Ctrl-C reaches it only through us. */
export const spawnLogged = (
  command: string,
  args: readonly string[],
  options: { log: Pick<WriteStream, 'write'>; env: NodeJS.ProcessEnv; ipc?: boolean; input?: 'pipe' },
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
