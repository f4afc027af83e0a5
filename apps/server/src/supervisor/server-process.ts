import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DomainError } from '@portreeve/domain';
import { childEnvironment } from '../env.ts';
import { keepRunning, logFile, spawnLogged } from './child.ts';
import type { Flags } from './flags.ts';
import type { SupervisorAnswer, SupervisorCall } from './requests.ts';
import { say } from './say.ts';

type Ready = { consoleUrl: string; agentUrl: string };
export type ReadyServer = Ready & {
  call(
    method: SupervisorCall['method'],
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: unknown }>;
};
export type ServerProcess = {
  /** Once it listens; what keeps it from that becomes the error. */
  ready: Promise<ReadyServer>;
  stop(): Promise<void>;
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

/** Starts the server. The first password of a new cluster is told of as soon as it is known. */
export const startServerProcess = (
  root: string,
  flags: Flags,
  databaseUrl: string,
  onFirstPassword: (password: string) => void,
): ServerProcess => {
  const log = logFile(join(flags.data, 'logs/server.log'));
  const waiting = new Map<string, (answer: SupervisorAnswer) => void>();
  const first = Promise.withResolvers<Ready>();
  let started = false;

  const hear = (message: Message) => {
    if (message.kind === 'ready') first.resolve(message);
    else if (message.kind === 'failed') {
      first.reject(new DomainError('internal', message.message));
      // Of the first start it is the error; of a later one nobody else speaks.
      if (started) say(`The server could not start: ${message.message}`);
    } else if (message.kind === 'first-password') onFirstPassword(message.password);
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
      first.reject(
        new DomainError('internal', `The server ended at its start (code ${code}).`, {
          hint: `See ${join(flags.data, 'logs/server.log')}.`,
        }),
      ),
    );
    return child;
  };

  const child = keepRunning({ name: 'The server', start, stopSignal: 'SIGTERM', graceMs: 12_000 });
  const call: ReadyServer['call'] = (method, path, body) =>
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
    });
  const ready = first.promise.then(
    (urls) => {
      started = true;
      return { ...urls, call };
    },
    async (error) => {
      // One that cannot start is not tried again: a person is there to read why.
      await child.stop();
      throw error;
    },
  );
  return { ready, stop: child.stop };
};
