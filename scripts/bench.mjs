// `npm run bench -- placement deploy`: measures, beside what a user would pick instead; results go to bench/results.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { environment, fail, installDependencies, ROOT } from './node.mjs';
import { installPackages } from './packages.mjs';

installDependencies();
installPackages([{ name: 'docker.io', file: '/usr/sbin/dockerd' }]);
const known = readdirSync(join(ROOT, 'bench'))
  .filter((name) => name.endsWith('.ts') && name !== 'report.ts')
  .map((name) => name.slice(0, -3));
const asked = process.argv.slice(2);
for (const name of asked.length === 0 ? known : asked) {
  if (!known.includes(name)) fail(`There is no benchmark ${name}; there are ${known.join(', ')}.`);
  const { status } = spawnSync('node', [`bench/${name}.ts`], {
    cwd: ROOT,
    env: environment(),
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}
