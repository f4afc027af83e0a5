import { fileURLToPath } from 'node:url';
import { DomainError } from '@portreeve/domain';
import { type Env, readEnv } from '../env.ts';
import { givenCertificate } from '../platform/http/given-certificate.ts';
import { build } from './builds.ts';
import { claimDataFolder } from './data-folder.ts';
import { runMigrations, startDatabase } from './database-process.ts';
import { deployDemo } from './demo.ts';
import { findEngine } from './engine.ts';
import { type Flags, readFlags, USAGE } from './flags.ts';
import { joinLocalAgent, startLocalAgent } from './local-agent.ts';
import { requireFreePort } from './port-holder.ts';
import { say } from './say.ts';
import { startServerProcess } from './server-process.ts';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
/** What was started, in order; ended the other way round. */
const running: (() => Promise<void> | void)[] = [];
let ending = false;

const end = async (code: number): Promise<never> => {
  ending = true;
  for (const stop of running.splice(0).reverse())
    try {
      await stop();
    } catch (error) {
      say(`A part did not end well: ${error instanceof Error ? error.message : error}`);
    }
  process.exit(code);
};

/** Starts a part that ends with the rest, be it while it still starts; nothing is started any more at the end. */
const begin = <T extends { stop(): Promise<void> }>(start: () => T): T => {
  if (ending) throw new Error('stopping');
  const part = start();
  running.push(part.stop);
  return part;
};

const sayFirstPassword = (password: string): void => {
  say('\nThe first sign-in:');
  say('  name:      admin');
  say(`  password:  ${password}   (works once: choose your own at the first sign-in)\n`);
};

const up = async (flags: Flags, env: Env): Promise<void> => {
  running.push(claimDataFolder(flags.data));
  const host = flags.advertise.length > 0 ? '0.0.0.0' : '127.0.0.1';
  await requireFreePort(host, flags.port, '--port');
  await requireFreePort(host, flags.agentPort, '--agent-port');
  // Before anything is built for nothing.
  if (flags.tlsCert) givenCertificate(flags.tlsCert, flags.tlsKey);
  const socket = flags.localAgent ? await findEngine(env, flags.engineInstall) : undefined;

  await begin(() => build(ROOT, 'client')).done;
  await begin(() => build(ROOT, 'agent')).done;
  if (flags.web === 'built') await begin(() => build(ROOT, 'web')).done;

  const database = await begin(() => startDatabase(flags, env)).ready;
  await begin(() => runMigrations(ROOT, database)).done;
  const server = await begin(() => startServerProcess(ROOT, flags, database.url, sayFirstPassword)).ready;
  if (socket) {
    const agent = await joinLocalAgent(ROOT, flags, server, socket);
    if (agent) await begin(() => startLocalAgent(flags, agent)).started;
  }
  if (flags.demo) await deployDemo(ROOT, server, socket);
  say(`\nPortreeve is ready: ${server.consoleUrl}`);
  say('Ctrl-C stops the console, its database and the agent; your containers run on.');
};

const fail = (error: unknown): Promise<never> => {
  const hint = error instanceof DomainError && error.hint ? ` ${error.hint}` : '';
  process.stderr.write(`\n${error instanceof Error ? error.message : error}${hint}\n`);
  if (!(error instanceof DomainError) && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return end(1);
};

const stopOnce = (): void => {
  if (ending) return;
  say('\nStopping …');
  void end(0);
};
// A terminal that was closed takes no more words; unheard, that would end us alone, and leave PostgreSQL behind.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
// Whatever else nobody heard of ends us in order too. While we end already, the rest is still to be ended.
process.on('uncaughtException', (error) => {
  if (!ending) void fail(error);
});
process.on('SIGINT', stopOnce);
process.on('SIGTERM', stopOnce);
process.on('SIGHUP', stopOnce);

if (process.argv.includes('--help')) {
  say(USAGE);
  process.exit(0);
}
try {
  const env = readEnv();
  await up(readFlags(process.argv.slice(2), env), env);
} catch (error) {
  if (!ending) await fail(error);
}
