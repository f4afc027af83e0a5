import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { eventually } from './eventually.ts';
import { CLEAN_ENV } from './run.ts';
import type { LabProcess, SpawnOptions } from './types.ts';

/** The command that runs `argv` inside the host with this init. */
export function enter(pid: number, argv: readonly string[]): string[] {
  return ['nsenter', '--target', String(pid), '-m', '-u', '-i', '-n', '-p', '-r', '-w', '--', ...argv];
}

/** Starts a long-running process inside the host with this init. */
export function spawnInside(
  pid: number,
  argv: readonly string[],
  logFile: string,
  options: SpawnOptions,
): LabProcess {
  const [command = '', ...args] = enter(pid, argv);
  const log = openSync(logFile, 'a');
  const child = spawn(command, args, {
    env: { ...CLEAN_ENV, ...options.env },
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const exited = new Promise<Awaited<LabProcess['exited']>>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve({ code, signal }));
  });
  // Whoever does not ask how it ended must not be ended by it.
  exited.catch(() => undefined);
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  return {
    child,
    logFile,
    exited,
    kill: async (signal = 'SIGTERM') => {
      const inner = await eventually(() => isOver() || childOf(child.pid), {
        interval: 5,
        what: 'the process to start',
      });
      if (typeof inner === 'number') signalIfThere(inner, signal);
    },
  };
}

// A signal to nsenter would end nsenter alone, so we look for the process it has started.
function childOf(pid: number | undefined): number | undefined {
  if (pid === undefined) return undefined;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return children === '' ? undefined : Number.parseInt(children, 10);
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended in between.
  }
}
