// Debian's packages that tests need. Nothing is asked where all is there.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';

const POLICY = '/usr/sbin/policy-rc.d';

/** Installs what is missing by apt, and lets no package start a service meanwhile. */
export const installPackages = (wanted) => {
  const missing = wanted.filter(({ file }) => !existsSync(file)).map(({ name }) => name);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    process.stdout.write(
      `Not installed, and not root on Debian: ${missing.join(', ')}. What needs them will fail.\n`,
    );
    return;
  }
  process.stdout.write(`Installing ${missing.join(', ')} …\n`);
  const ours = !existsSync(POLICY);
  if (ours) {
    writeFileSync(POLICY, '#!/bin/sh\nexit 101\n');
    chmodSync(POLICY, 0o755);
  }
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const options = { stdio: ['ignore', 'ignore', 'inherit'], env };
    spawnSync('apt-get', ['update', '-qq'], options);
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], options);
  } finally {
    if (ours) rmSync(POLICY, { force: true });
  }
};
