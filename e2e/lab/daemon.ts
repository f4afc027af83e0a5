import { enter } from './enter.ts';
import { eventually } from './eventually.ts';
import { must, run } from './run.ts';
import type { DaemonControl } from './types.ts';

const PID_FILE = '/run/lab-daemon.pid';

/** What a machine runs for the lab. */
export interface Daemon {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Inside the host. */
  readonly logFile: string;
  isReady(): Promise<boolean>;
}

/** Control of a machine's daemon; `init` says which init to enter, and throws while the power is off. */
export function controlDaemon(daemon: Daemon, init: () => number): DaemonControl {
  const start = async (): Promise<void> => {
    // The shell goes, the daemon stays: a child of the host's own init, as under any other.
    const script = `setsid "$@" >>${daemon.logFile} 2>&1 </dev/null & echo $! > ${PID_FILE}`;
    if (!(await isRunning(init()))) {
      await must(enter(init(), ['sh', '-c', script, 'sh', ...daemon.argv]), { env: daemon.env });
    }
    await awaitReady(daemon, init);
  };
  const stop = () => end(init(), 'TERM');
  return {
    start,
    stop,
    kill: () => end(init(), 'KILL'),
    restart: async () => {
      await stop();
      await start();
    },
  };
}

async function awaitReady(daemon: Daemon, init: () => number): Promise<void> {
  try {
    await eventually(() => daemon.isReady(), {
      timeout: 60_000,
      interval: 25,
      what: `${daemon.argv[0]} to answer`,
    });
  } catch (error) {
    const log = await run(enter(init(), ['tail', '-n', '20', daemon.logFile]));
    throw new Error(`${daemon.argv[0]} does not answer; its log ends with:\n${log.stdout}`, { cause: error });
  }
}

async function isRunning(pid: number): Promise<boolean> {
  const result = await run(enter(pid, ['sh', '-c', `kill -0 $(cat ${PID_FILE})`]));
  return result.code === 0;
}

async function end(pid: number, signal: 'TERM' | 'KILL'): Promise<void> {
  const script = `pid=$(cat ${PID_FILE} 2>/dev/null) || exit 0
    kill -${signal} "$pid" 2>/dev/null || exit 0
    while kill -0 "$pid" 2>/dev/null; do sleep 0.02; done`;
  await must(enter(pid, ['sh', '-c', script]), { timeoutMs: 60_000 });
}
