import { type ChildProcess, fork } from 'node:child_process';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../apps/server/src/main.ts', import.meta.url));

export type ServerProcess = {
  /** Without TLS: a front door stands before it. */
  url: string;
  agentUrl: string;
  /** Said by the very first server of a cluster. */
  firstPassword: string;
  pid: number;
  kill: (signal: NodeJS.Signals) => Promise<void>;
};

type Message =
  | { kind: 'ready'; consoleUrl: string; agentUrl: string }
  | { kind: 'failed'; message: string }
  | { kind: 'first-password'; password: string };

export type ServerOptions = {
  databaseUrl: string;
  /** Holds the cluster's key, which all servers need, and a folder of this server's own. */
  folder: string;
  name: string;
  /** Where hosts reach it. */
  address: string;
  /** That of an earlier start, else a free one. */
  agentPort?: number;
};

const exited = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
  });

/** One server as a process of its own, without the supervisor that would start it again. */
export const startServer = (options: ServerOptions): Promise<ServerProcess> =>
  new Promise((resolve, reject) => {
    let firstPassword = '';
    const child = fork(MAIN, {
      env: {
        ...process.env,
        NODE_ENV: 'production',
        DATABASE_URL: options.databaseUrl,
        PORTREEVE_DATA: join(options.folder, options.name),
        PORTREEVE_KEY_FILE: join(options.folder, 'cluster.key'),
        PORTREEVE_HOST: options.address,
        PORTREEVE_PORT: '0',
        PORTREEVE_AGENT_HOST: options.address,
        PORTREEVE_AGENT_PORT: String(options.agentPort ?? 0),
        PORTREEVE_ADVERTISE: options.address,
        PORTREEVE_TLS: 'none',
        PORTREEVE_LOG: 'error',
      },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child.once('exit', (code) => reject(new Error(`The server ${options.name} ended with ${code}.`)));
    child.on('message', (message: Message) => {
      if (message.kind === 'first-password') firstPassword = message.password;
      if (message.kind === 'failed') reject(new Error(message.message));
      if (message.kind !== 'ready') return;
      resolve({
        url: message.consoleUrl,
        agentUrl: message.agentUrl,
        firstPassword,
        pid: child.pid ?? 0,
        kill: async (signal) => {
          child.kill(signal);
          await exited(child);
        },
      });
    });
  });

/** What people put before several servers: one address, behind which connections go to the one it is told. */
export type FrontDoor = { url: string; leadTo: (server: ServerProcess) => void; close: () => Promise<void> };

export const startFrontDoor = async (): Promise<FrontDoor> => {
  let behindIt = new URL('http://127.0.0.1:0');
  const open = new Set<Socket>();
  const server: Server = createServer((client) => {
    const behind = connect(Number(behindIt.port), behindIt.hostname);
    for (const socket of [client, behind]) {
      open.add(socket);
      // Whichever end breaks, the other is told.
      socket.once('error', () => socket.destroy());
      socket.once('close', () => {
        open.delete(socket);
        client.destroy();
        behind.destroy();
      });
    }
    client.pipe(behind).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    leadTo: ({ url }) => {
      behindIt = new URL(url);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
};
