// `npm run down`: ends what `npm run up` started. With --containers also the containers of the local agent.
import { spawnSync } from 'node:child_process';
import { environment, installDependencies, ROOT, supportedNode } from './node.mjs';

installDependencies();
const { status } = spawnSync(
  supportedNode(),
  ['apps/server/src/supervisor/down.ts', ...process.argv.slice(2)],
  {
    cwd: ROOT,
    env: environment(),
    stdio: 'inherit',
  },
);
process.exit(status ?? 1);
