// Works on any Node from 20 on, with nothing installed: finds and installs the supported Node and the dependencies.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OLDEST = 20;
/** From here on Node runs our TypeScript as it is. */
const SUPPORTED = 24;

const major = () => Number(process.versions.node.split('.')[0]);

/** One sentence and the end. */
export const fail = (text) => {
  process.stderr.write(`${text}\n`);
  process.exit(1);
};

/** Installs the dependencies when the lock file is not the one they were installed by. */
export const installDependencies = () => {
  if (major() < OLDEST)
    fail(
      `Node ${process.versions.node} is too old: Portreeve needs Node ${OLDEST} or newer to start. See https://nodejs.org.`,
    );
  const lock = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');
  const marker = join(ROOT, 'node_modules/.portreeve-lock');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === lock) return requireLibrary();
  process.stdout.write('Installing dependencies …\n');
  // Not `npm ci`: it refuses a lock file that lacks optional packages of other platforms, and a registry that
  // does not carry those leaves them out. The versions are those of the lock file all the same.
  const result = spawnSync('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (result.status !== 0)
    fail(`npm install failed:\n${(result.stderr ?? '').trim().split('\n').slice(-8).join('\n')}`);
  writeFileSync(marker, lock);
  requireLibrary();
};

/** What the Node of the dependencies is linked with and a bare system lacks, and Debian's package of it. */
const LIBRARY = 'libatomic.so.1';
const PACKAGE = 'libatomic1';

const installLibrary = () => {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false;
  process.stdout.write(`Node needs ${LIBRARY}, which is not here: installing Debian's ${PACKAGE} …\n`);
  // After a plain `su` the caller's own path has nothing of what dpkg needs.
  const env = { ...process.env, PATH: '/usr/sbin:/usr/bin:/sbin:/bin', DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args) => spawnSync('apt-get', ['-q', ...args], { stdio: 'ignore', env }).status === 0;
  return apt('update') && apt('install', '-y', '--no-install-recommends', PACKAGE);
};

/** npm would run our next start with it, before any of this can be said. */
const hideFromNpm = () => {
  try {
    rmSync(join(ROOT, 'node_modules/.bin/node'), { force: true });
  } catch {
    // Somebody else's checkout: its owner has to start it.
  }
};

const requireLibrary = () => {
  const node = supportedNode();
  const { status, stderr } = spawnSync(node, ['--version'], { encoding: 'utf8' });
  if (status === 0) return;
  hideFromNpm();
  if (!stderr?.includes(LIBRARY)) fail(`${node} does not start: ${stderr?.trim() || 'it ended at once'}`);
  if (!installLibrary())
    fail(`Node needs ${LIBRARY}, which is not here: run "sudo apt-get install ${PACKAGE}" and start again.`);
};

/** The Node that everything runs on: the one of the dependencies, or the caller's where that is new enough. */
export const supportedNode = () => {
  const own = join(ROOT, `node_modules/node-linux-${process.arch}/bin/node`);
  if (existsSync(own)) return own;
  if (major() >= SUPPORTED) return process.execPath;
  return fail(
    `There is no Node ${SUPPORTED} for ${process.platform} on ${process.arch}: install one and start again with it.`,
  );
};

/** The environment in which programs of the dependencies run on the supported Node. */
export const environment = (more = {}) => ({
  ...process.env,
  ...more,
  PATH: [dirname(supportedNode()), join(ROOT, 'node_modules/.bin'), process.env.PATH].join(delimiter),
});
