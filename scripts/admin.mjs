// Emergency commands on the server's own host: `node scripts/admin.mjs reset-password [name]`.
import { spawnSync } from 'node:child_process';
import { environment, installDependencies, ROOT, supportedNode } from './node.mjs';

installDependencies();
const { status } = spawnSync(
  supportedNode(),
  ['apps/server/src/supervisor/admin.ts', ...process.argv.slice(2)],
  {
    cwd: ROOT,
    env: environment(),
    stdio: 'inherit',
  },
);
process.exit(status ?? 1);
