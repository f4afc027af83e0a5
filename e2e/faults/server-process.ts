import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '../lab/eventually.ts';

const MAIN = fileURLToPath(new URL('../../apps/server/src/main.ts', import.meta.url));

type Options = { databaseUrl: string; keyFile: string; dataFolder: string };

/** The server as it is in the field: a process of its own that can be killed, always on the same ports. */
export type ServerProcess = {
  url: string;
  agentUrl: string;
  /** Printed at the first start of a cluster only. */
  firstPassword(): string | undefined;
  pid(): number;
  isUp(): boolean;
  /** Starts it; resolves when it listens. */
  start(): Promise<void>;
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** What the death of its supervisor is to it: nobody reads its log, nobody is at the channel. Resolves when it has ended. */
  abandon(): Promise<void>;
  output(): string;
};

type FromServer = { kind: string; password?: string; message?: string };

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });

/** A server on free ports of loopback; not started yet. */
export const makeServerProcess = async (options: Options): Promise<ServerProcess> => {
  const [port, agentPort] = [await freePort(), await freePort()];
  let child: ChildProcess | undefined;
  let up = false;
  let firstPassword: string | undefined;
  let output = '';
  const keep = (bytes: Buffer): void => {
    output = (output + bytes.toString()).slice(-50_000);
  };
  const environment = {
    PATH: process.env.PATH,
    DATABASE_URL: options.databaseUrl,
    PORTREEVE_KEY_FILE: options.keyFile,
    PORTREEVE_DATA: options.dataFolder,
    PORTREEVE_PORT: `${port}`,
    PORTREEVE_AGENT_PORT: `${agentPort}`,
    PORTREEVE_ADVERTISE: '127.0.0.1',
    PORTREEVE_WEB: 'none',
    PORTREEVE_LOG: 'warn',
    // It is started again and again.
    NODE_COMPILE_CACHE: join(options.dataFolder, 'compiled'),
  };
  const hear = (message: FromServer): void => {
    if (message.kind === 'first-password') firstPassword = message.password;
    if (message.kind === 'ready') up = true;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    agentUrl: `https://127.0.0.1:${agentPort}`,
    firstPassword: () => firstPassword,
    pid: () => child?.pid ?? 0,
    isUp: () => up,
    start: async () => {
      const started = spawn(process.execPath, [MAIN], {
        cwd: join(options.dataFolder),
        env: environment,
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      });
      child = started;
      started.stdout?.on('data', keep);
      started.stderr?.on('data', keep);
      started.on('message', (message) => hear(message as FromServer));
      started.once('exit', () => {
        if (child === started) up = false;
      });
      await eventually(() => up || started.exitCode !== null || started.signalCode !== null, {
        timeout: 60_000,
        interval: 10,
        what: 'the server to be ready',
      });
      if (started.exitCode !== null) throw new Error(`the server ended with ${started.exitCode}: ${output}`);
    },
    kill: async (signal = 'SIGKILL') => {
      const killed = child;
      if (!killed || killed.exitCode !== null || killed.signalCode !== null) return;
      const gone = new Promise((resolve) => killed.once('exit', resolve));
      killed.kill(signal);
      await gone;
    },
    abandon: async () => {
      const left = child;
      if (!left) return;
      left.stdout?.destroy();
      left.stderr?.destroy();
      left.disconnect();
      await eventually(() => left.exitCode !== null || left.signalCode !== null, {
        timeout: 20_000,
        what: 'the server to end',
      });
    },
    output: () => output,
  };
};
