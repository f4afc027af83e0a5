// `npm run test:interop`: builds today's engine with Go, once, into a cache outside the checkout, and runs the agent's
// tests and one whole journey on it.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fail, installDependencies } from './node.mjs';
import { installPackages } from './packages.mjs';

const MOBY = 'v2.0.0-beta.24';
const CONTAINERD = 'v2.2.9';
const RUNC = 'v1.5.2';
/** Changes with every version below: an older cache is not taken for this one. */
const KEY = `engine-${MOBY}-${CONTAINERD}-${RUNC}`;

const DOCKERD_VERSION = '-s -w -X github.com/moby/moby/v2/dockerversion.Version=29.0.0';
const BUILDS = [
  [
    '-tags',
    'exclude_graphdriver_btrfs no_btrfs',
    '-ldflags',
    DOCKERD_VERSION,
    `github.com/moby/moby/v2/cmd/dockerd@${MOBY}`,
  ],
  [`github.com/moby/moby/v2/cmd/docker-proxy@${MOBY}`],
  ['-tags', 'no_btrfs', `github.com/containerd/containerd/v2/cmd/containerd@${CONTAINERD}`],
  ['-tags', 'no_btrfs', `github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2@${CONTAINERD}`],
  ['-tags', 'seccomp', `github.com/opencontainers/runc@${RUNC}`],
];

const findGo = () => ['go', '/usr/local/go/bin/go'].find((go) => spawnSync(go, ['version']).status === 0);

/** The folder with dockerd and the four others, built when it is not complete. */
const buildEngine = () => {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'portreeve-interop');
  const folder = join(cache, KEY);
  const complete = join(folder, '.complete');
  if (existsSync(complete)) return folder;
  const go = findGo();
  if (!go) fail('The interop tests need Go 1.26 or newer on the path, to build the peers.');
  installPackages([
    { name: 'libseccomp-dev', file: '/usr/include/seccomp.h' },
    { name: 'pkg-config', file: '/usr/bin/pkg-config' },
    { name: 'gcc', file: '/usr/bin/gcc' },
    { name: 'libc6-dev', file: '/usr/include/stdio.h' },
  ]);
  mkdirSync(folder, { recursive: true });
  for (const args of BUILDS) {
    const what = args.at(-1);
    process.stdout.write(`Building ${what} …\n`);
    const { status } = spawnSync(go, ['install', ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, GOBIN: folder, GOTOOLCHAIN: 'local', GOFLAGS: '-buildvcs=false' },
    });
    if (status !== 0) fail(`${what} could not be built.`);
  }
  writeFileSync(complete, '');
  return folder;
};

installDependencies();
const { conclude, runPlaywright, runVitest, sum } = await import('./runs.mjs');
const { environment, ROOT } = await import('./node.mjs');
const engine = buildEngine();
const build = spawnSync('node', ['apps/server/src/supervisor/build-main.ts', 'client', 'agent', 'web'], {
  cwd: ROOT,
  env: environment(),
  stdio: ['ignore', 'inherit', 'inherit'],
});
if (build.status !== 0) fail('What the tests need could not be built.');
const options = { env: { PORTREEVE_LAB_ENGINE: engine } };
const agent = await runVitest(['--project', 'engine', 'apps/agent'], options);
conclude(sum([agent, await runPlaywright(['operator-day'], options)]));
