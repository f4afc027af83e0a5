// `npm run bench -- placement`, `npm run bench -- deploy 5`: measures, beside what a user would pick instead; results
// go to bench/results and from there into the table of bench/README.md.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { environment, fail, installDependencies, ROOT } from './node.mjs';
import { installPackages } from './packages.mjs';

installDependencies();
installPackages([
  { name: 'docker.io', file: '/usr/sbin/dockerd' },
  { name: 'slapd', file: '/usr/sbin/slapd' },
]);
const known = readdirSync(join(ROOT, 'bench'))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.slice(0, -3));
const given = process.argv.slice(2);
/** Numbers and flags are for the benchmarks themselves. */
const isOption = (argument) => /^(\d|--)/.test(argument);
const options = given.filter(isOption);
const asked = given.filter((argument) => !isOption(argument));

for (const name of asked.length === 0 ? known : asked) {
  if (!known.includes(name)) fail(`There is no benchmark ${name}; there are ${known.join(', ')}.`);
  const { status } = spawnSync('node', [`bench/${name}.ts`, ...options], {
    cwd: ROOT,
    env: environment(),
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}
