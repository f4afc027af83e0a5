import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Server as TlsServer } from 'node:tls';
import { DomainError } from '@portreeve/domain';
import { createServer } from './app.ts';
import { type Env, readEnv } from './env.ts';
import { readAddress } from './platform/cluster/agent-address.ts';
import { followCertificate, givenCertificate } from './platform/http/given-certificate.ts';
import { keepMemoryLow } from './platform/memory.ts';
import type { ServerOptions } from './platform.ts';
import { answerSupervisor } from './supervisor/requests.ts';

const tlsOf = (env: Env): ServerOptions['console']['tls'] => {
  if (env.PORTREEVE_TLS !== 'files') return env.PORTREEVE_TLS;
  return givenCertificate(env.PORTREEVE_TLS_CERT, env.PORTREEVE_TLS_KEY);
};

/** To whoever started us by its channel; without one, into a file that only we can read. Never into a log. */
const handOver =
  (dataFolder: string) =>
  async (password: string): Promise<void> => {
    if (!process.send) {
      writeFileSync(join(dataFolder, 'first-password'), `${password}\n`, { mode: 0o600 });
      return;
    }
    await new Promise<void>((resolve, reject) =>
      process.send?.({ kind: 'first-password', password }, undefined, undefined, (error) =>
        error ? reject(error) : resolve(),
      ),
    );
  };

const optionsOf = (env: Env): ServerOptions => {
  if (!env.DATABASE_URL)
    throw new DomainError('request.invalid', 'DATABASE_URL is missing.', {
      hint: 'Start with "npm run up", or name a PostgreSQL.',
    });
  return {
    databaseUrl: env.DATABASE_URL,
    keyFile: env.PORTREEVE_KEY_FILE,
    dataFolder: env.PORTREEVE_DATA,
    clusterName: env.PORTREEVE_CLUSTER_NAME,
    console: {
      host: env.PORTREEVE_HOST,
      port: env.PORTREEVE_PORT,
      // A port says where agents dial; names are asked for by browsers on whatever port leads here.
      names: env.PORTREEVE_ADVERTISE.map((address) => readAddress(address).host),
      tls: tlsOf(env),
    },
    agents: {
      host: env.PORTREEVE_AGENT_HOST,
      port: env.PORTREEVE_AGENT_PORT,
      addresses: env.PORTREEVE_ADVERTISE,
    },
    web: env.PORTREEVE_WEB,
    logLevel: env.PORTREEVE_LOG,
    onFirstPassword: handOver(env.PORTREEVE_DATA),
  };
};

/** One sentence for a person, on the channel that whoever started us reads. */
const fail = (error: unknown): never => {
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof DomainError && error.hint ? ` ${error.hint}` : '';
  process.send?.({ kind: 'failed', message: `${message}${hint}` });
  process.stderr.write(`${message}${hint}\n`);
  if (!(error instanceof DomainError) && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  process.exit(1);
};

try {
  const env = readEnv();
  const server = await createServer(optionsOf(env));
  const { log, http } = server.platform;
  const { PORTREEVE_TLS: tls, PORTREEVE_TLS_CERT: cert, PORTREEVE_TLS_KEY: key } = env;
  if (tls === 'files' && cert && key)
    followCertificate(http.app.server as unknown as TlsServer, { cert, key }, log);
  answerSupervisor(server.platform);
  keepMemoryLow();
  process.send?.({ kind: 'ready', consoleUrl: server.consoleUrl, agentUrl: server.agentUrl });
  log.info({ console: server.consoleUrl, agents: server.agentUrl }, 'listening');

  let ending = false;
  const end = (why: string) => {
    if (ending) return;
    ending = true;
    log.info({ why }, 'ending');
    setTimeout(() => process.exit(1), 10_000).unref();
    server.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', () => end('SIGTERM'));
  process.on('SIGINT', () => end('SIGINT'));
  // A supervisor that was killed leaves nobody to restart us, and its next start wants the ports.
  const orphaned = () => end('the supervisor is gone');
  process.on('disconnect', orphaned);
  if (process.send && !process.connected) orphaned();
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'unhandled rejection'));
} catch (error) {
  fail(error);
}
