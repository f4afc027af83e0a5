import { type ChildProcess, spawn } from 'node:child_process';
import { readlink } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { log } from '../log.ts';
import { every } from '../periodic.ts';
import { boundLog } from './bound-log.ts';
import { ownCommand } from './own-command.ts';
import { restartDelay } from './restart-delay.ts';

const GRACE_MS = 10_000;
const LOG_MS = 60_000;

/** A mode that the supervisor keeps running. */
type Child = { mode: string; args: readonly string[] };

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const late = new AbortController();
  await Promise.race([gone, pause(GRACE_MS, undefined, { signal: late.signal }).catch(() => undefined)]);
  late.abort();
  child.kill('SIGKILL');
};

const keep = (wish: Child, stopping: AbortSignal): Promise<void> => {
  let present: ChildProcess | undefined;
  stopping.addEventListener('abort', () => present && void end(present), { once: true });

  const run = (): Promise<number> =>
    new Promise((resolve) => {
      const begun = performance.now();
      const { command, args } = ownCommand([wish.mode, '--with-parent', ...wish.args]);
      // The pipe to its standard input ends with this process, however that ends; then the child goes too.
      present = spawn(command, args, { stdio: ['pipe', 'inherit', 'inherit'] });
      present.once('error', () => resolve(performance.now() - begun));
      present.once('exit', (code, signal) => {
        log.warn({ mode: wish.mode, code, signal }, 'a child has ended');
        resolve(performance.now() - begun);
      });
    });

  const loop = async (): Promise<void> => {
    let short = 0;
    while (!stopping.aborted) {
      const lasted = await run();
      short = lasted < 30_000 ? short + 1 : 0;
      if (!stopping.aborted)
        await pause(restartDelay(short), undefined, { signal: stopping }).catch(() => undefined);
    }
  };
  return loop();
};

/** Runs the other modes where no systemd does: restarts each that ends, and ends them with itself. Containers are nobody's child here. */
export const supervise = async (children: readonly Child[]): Promise<void> => {
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stopping.abort());
  const output = await readlink('/proc/self/fd/1').catch(() => '');
  const unbound = output.startsWith('/')
    ? every(LOG_MS, 'the log was not kept small', () => boundLog(output))
    : undefined;
  await Promise.all(children.map((child) => keep(child, stopping.signal)));
  unbound?.();
};
