// `npm run agent -- linux-arm64`: builds the agent for hosts of another platform than this machine's, with the Node of
// that platform from the registry. The agent for this machine's own is built by `npm run up`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environment, fail, installDependencies, ROOT } from './node.mjs';

const PLATFORMS = ['linux-x64', 'linux-arm64'];
const [platform] = process.argv.slice(2);
if (!PLATFORMS.includes(platform)) fail(`Name the platform: npm run agent -- ${PLATFORMS.join(' or ')}`);
installDependencies();

const { optionalDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const wanted = `node-${platform}@${optionalDependencies[`node-${platform}`]}`;
const work = mkdtempSync(join(tmpdir(), 'portreeve-agent-'));
const run = (command, args) => {
  const options = { cwd: ROOT, env: environment(), stdio: ['ignore', 'ignore', 'inherit'] };
  if (spawnSync(command, args, options).status !== 0) fail(`${command} ${args[0]} failed for ${wanted}.`);
};
try {
  run('npm', ['pack', '--silent', '--pack-destination', work, wanted]);
  const [archive] = readdirSync(work);
  run('tar', ['-xzf', join(work, archive), '-C', work]);
  run('node', ['apps/agent/scripts/build.mjs', platform, join(work, 'package/bin/node')]);
} finally {
  rmSync(work, { recursive: true, force: true });
}
process.stdout.write(`The agent for ${platform} is built: hosts of it join by the command of Add node.\n`);
