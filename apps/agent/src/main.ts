import { parseArgs } from 'node:util';
import { runAgent } from './agent.ts';
import { env } from './env.ts';
import { messageOf } from './errors.ts';
import { runJoin } from './run-join.ts';

const USAGE = `usage: portreeve-agent <mode> [options]
  join       --server https://host:7401 --ca-sha256 <hex> [--name <name>]   the token is read from standard input
  agent      runs the agent of this host
options of all: --state <folder> --docker <socket>`;

const main = async (): Promise<void> => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      server: { type: 'string' },
      'ca-sha256': { type: 'string' },
      name: { type: 'string' },
      state: { type: 'string' },
      docker: { type: 'string' },
    },
  });
  const options = {
    stateDir: values.state ?? env.stateDir,
    dockerSocket: values.docker ?? env.dockerSocket,
  };
  switch (positionals[0]) {
    case 'join':
      return runJoin({ ...options, server: values.server, caSha256: values['ca-sha256'], name: values.name });
    case 'agent':
      return runAgent(options);
    default:
      throw new Error(USAGE);
  }
};

main().catch((error) => {
  process.stderr.write(`${error instanceof Error && error.message === USAGE ? USAGE : messageOf(error)}\n`);
  process.exit(1);
});
