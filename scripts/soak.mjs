// `npm run soak -- --hours N --seed S`: random faults on the lab, for as long as is asked; see e2e/soak/main.ts.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { environment, installDependencies, ROOT } from './node.mjs';
import { installPackages } from './packages.mjs';

installDependencies();
installPackages([
  { name: 'docker.io', file: '/usr/sbin/dockerd' },
  { name: 'procps', file: '/usr/bin/ps' },
]);
const main = fileURLToPath(new URL('../e2e/soak/main.ts', import.meta.url));
const soak = spawn('node', [main, ...process.argv.slice(2)], {
  cwd: ROOT,
  env: environment(),
  stdio: 'inherit',
});
// Ctrl-C reaches it by the terminal, TERM only by us; either way it takes its time to clean up.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => soak.kill('SIGTERM'));
soak.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
