import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DomainError } from '@portreeve/domain';
import { childEnvironment } from '../env.ts';
import { type Child, keepRunning, logFile, spawnLogged } from './child.ts';
import type { Flags } from './flags.ts';
import type { SupervisorAnswer, SupervisorCall } from './requests.ts';

type Ready = { consoleUrl: string; agentUrl: string };
export type ServerProcess = Ready & {
  child: Child;
  /** Set at the first start of a cluster only. */
  firstPassword: string | undefined;
  call(
    method: SupervisorCall['method'],
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: unknown }>;
};

type Message =
  | ({ kind: 'ready' } & Ready)
  | { kind: 'failed'; message: string }
  | { kind: 'first-password'; password: string }
  | SupervisorAnswer;

const everywhere = (flags: Flags): string => (flags.advertise.length > 0 ? '0.0.0.0' : '127.0.0.1');
const tlsOf = (flags: Flags): string => {
  if (flags.tlsCert) return 'files';
  return flags.advertise.length > 0 ? 'cluster' : 'none';
};

const environment = (flags: Flags, databaseUrl: string): NodeJS.ProcessEnv =>
  childEnvironment({
    NODE_ENV: flags.web === 'dev' ? 'development' : 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    DATABASE_URL: databaseUrl,
    PORTREEVE_DATA: flags.data,
    PORTREEVE_HOST: everywhere(flags),
    PORTREEVE_PORT: String(flags.port),
    PORTREEVE_AGENT_HOST: everywhere(flags),
    PORTREEVE_AGENT_PORT: String(flags.agentPort),
    PORTREEVE_ADVERTISE: flags.advertise.join(','),
    PORTREEVE_TLS: tlsOf(flags),
    PORTREEVE_TLS_CERT: flags.tlsCert,
    PORTREEVE_TLS_KEY: flags.tlsKey,
    PORTREEVE_WEB: flags.web,
  });

const CALL_TIMEOUT_MS = 60_000;

/** Starts the server and waits until it listens; what keeps it from that becomes the error. */
export const startServerProcess = async (
  root: string,
  flags: Flags,
  databaseUrl: string,
): Promise<ServerProcess> => {
  const log = logFile(join(flags.data, 'logs/server.log'));
  const waiting = new Map<string, (answer: SupervisorAnswer) => void>();
  let firstPassword: string | undefined;
  let settle: { ready(ready: Ready): void; failed(error: Error): void } | undefined;
  const firstReady = new Promise<Ready>((resolve, reject) => {
    settle = { ready: resolve, failed: reject };
  });

  const hear = (message: Message) => {
    if (message.kind === 'ready') settle?.ready(message);
    else if (message.kind === 'failed') settle?.failed(new DomainError('internal', message.message));
    else if (message.kind === 'first-password') firstPassword = message.password;
    else waiting.get(message.requestId)?.(message);
  };
  const start = (): ChildProcess => {
    const child = spawnLogged(process.execPath, [join(root, 'apps/server/src/main.ts')], {
      log,
      env: environment(flags, databaseUrl),
      ipc: true,
    });
    child.on('message', (message) => hear(message as Message));
    child.once('exit', (code) =>
      settle?.failed(
        new DomainError('internal', `The server ended at its start (code ${code}).`, {
          hint: `See ${join(flags.data, 'logs/server.log')}.`,
        }),
      ),
    );
    return child;
  };

  const child = await keepRunning({ name: 'The server', start, stopSignal: 'SIGTERM', graceMs: 12_000 });
  const ready = await firstReady.catch(async (error) => {
    await child.stop();
    throw error;
  });
  settle = undefined;
  return {
    ...ready,
    child,
    firstPassword,
    call: (method, path, body) =>
      new Promise((resolve, reject) => {
        const requestId = randomUUID();
        const timeout = setTimeout(() => {
          waiting.delete(requestId);
          reject(new DomainError('deadline.exceeded', `The server did not answer ${path} within a minute.`));
        }, CALL_TIMEOUT_MS);
        waiting.set(requestId, (answer) => {
          clearTimeout(timeout);
          waiting.delete(requestId);
          resolve(answer);
        });
        child.current()?.send({ kind: 'call', requestId, method, path, body } satisfies SupervisorCall);
      }),
  };
};
