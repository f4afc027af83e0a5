import { isSea } from 'node:sea';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { env, leanEnvironment } from './env.ts';
import { messageOf } from './errors.ts';
import { install } from './supervise/install.ts';
import { supervise } from './supervise/supervise.ts';
import { AGENT_VERSION } from './version.ts';

const USAGE = `usage: portreeve-agent <mode> [options]
  join       --server https://host:7401 --ca-sha256 <hex> [--name <name>]   the token is read from standard input
  install    puts the agent in its place and keeps it running from now on
  agent      runs the agent of this host
  names      answers names of containers, while the agent runs and while it does not
  supervise  runs the agent and the names where no systemd does
  version    says which one this is
options of all: --state <folder> --docker <socket>
--with-parent: ends when standard input does`;

/** Standard input is a pipe from whoever started this; it ends when that process does. */
const endWithParent = (): void => {
  process.stdin.resume();
  process.stdin.once('end', () => process.kill(process.pid, 'SIGTERM'));
};

/** Becomes the same program in a leaner environment; the process stays the same one. */
const slim = (): void => {
  const environment = leanEnvironment();
  if (!isSea() || !environment || !process.execve) return;
  process.execve(process.execPath, [process.execPath, ...process.argv.slice(2)], environment);
};

const main = async (): Promise<void> => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      server: { type: 'string' },
      'ca-sha256': { type: 'string' },
      name: { type: 'string' },
      state: { type: 'string' },
      docker: { type: 'string' },
      'with-parent': { type: 'boolean', default: false },
    },
  });
  if (values['with-parent']) endWithParent();
  const options = {
    stateDir: values.state ?? env.stateDir,
    dockerSocket: values.docker ?? env.dockerSocket,
  };
  const args = ['--state', options.stateDir, '--docker', options.dockerSocket];
  switch (positionals[0]) {
    case 'join': {
      const { runJoin } = await import('./run-join.ts');
      return runJoin({ ...options, server: values.server, caSha256: values['ca-sha256'], name: values.name });
    }
    case 'install':
      return install(['names', 'agent'], args);
    case 'agent':
      slim();
      return (await import('./agent.ts')).runAgent(options);
    case 'names':
      // Each mode loads what it needs and no more: the two that stay are to be small.
      return (await import('./names/run-names.ts')).runNames(options);
    case 'supervise':
      return supervise([
        { mode: 'names', args },
        { mode: 'agent', args },
      ]);
    case 'version':
      process.stdout.write(`${AGENT_VERSION}\n`);
      return;
    default:
      throw new Error(USAGE);
  }
};

// Compiled validators are fast, and megabytes of code: a few messages a second need them not.
z.config({ jitless: true });

main().catch((error) => {
  process.stderr.write(`${error instanceof Error && error.message === USAGE ? USAGE : messageOf(error)}\n`);
  process.exit(1);
});
