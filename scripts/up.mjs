// `npm run up`: makes sure of Node and dependencies, then hands over to the supervisor.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { environment, fail, installDependencies, ROOT, supportedNode } from './node.mjs';

installDependencies();
const supervisor = spawn(supportedNode(), ['apps/server/src/supervisor/main.ts', ...process.argv.slice(2)], {
  cwd: ROOT,
  // Half of a start is reading our own code: what was compiled once is found again.
  env: environment({ NODE_COMPILE_CACHE: join(ROOT, 'node_modules/.cache/node-compile') }),
  stdio: 'inherit',
});
supervisor.on('error', (error) => fail(`The supervisor could not be started: ${error.message}`));
// The terminal gives Ctrl-C to both of us, others only to us; the supervisor ends once, in its own order, and we wait.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => supervisor.kill(signal));
supervisor.on('exit', (code) => process.exit(code ?? 1));
