import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { must, run } from './run.ts';

/** What a lab needs, each with a file that shows it is there (asking dpkg is much slower). */
const NEEDED: Readonly<Record<string, string>> = {
  'docker.io': '/usr/sbin/dockerd',
  'busybox-static': '/usr/bin/busybox',
  'docker-registry': '/usr/bin/docker-registry',
  tini: '/usr/bin/tini',
  iproute2: '/usr/sbin/ip',
  iptables: '/usr/sbin/iptables',
  nftables: '/usr/sbin/nft',
  ethtool: '/usr/sbin/ethtool',
  curl: '/usr/bin/curl',
  'iputils-ping': '/usr/bin/ping',
  'util-linux': '/usr/bin/nsenter',
  e2fsprogs: '/usr/sbin/mkfs.ext4',
  procps: '/usr/sbin/sysctl',
};

/** Only where a host of the lab runs it. */
const EXTRA = {
  podman: {
    podman: '/usr/bin/podman',
    crun: '/usr/bin/crun',
    netavark: '/usr/lib/podman/netavark',
    'aardvark-dns': '/usr/lib/podman/aardvark-dns',
  },
  rootless: {
    rootlesskit: '/usr/bin/rootlesskit',
    uidmap: '/usr/bin/newuidmap',
    slirp4netns: '/usr/bin/slirp4netns',
  },
  systemd: { systemd: '/usr/bin/systemd' },
} satisfies Record<string, Record<string, string>>;

/** What not every lab has. */
export type Extra = keyof typeof EXTRA;

const POLICY = '/usr/sbin/policy-rc.d';

/** Installs what is missing by apt. Takes no time when nothing is. */
export async function ensurePackages(extras: readonly Extra[], log: (line: string) => void): Promise<void> {
  const needed: Record<string, string> = Object.assign({ ...NEEDED }, ...extras.map((extra) => EXTRA[extra]));
  const missing = Object.keys(needed).filter((name) => !isThere(needed[name] ?? ''));
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0)
    throw new Error(`the lab needs ${missing.join(', ')}: run it as root, or install them`);
  log(`installing ${missing.join(', ')}`);
  await withoutServices(async () => {
    const install = ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...missing];
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    // Lists that are there are mostly good enough, and spare a minute.
    if ((await run(install, { env })).code === 0) return;
    await must(['apt-get', 'update', '-qq'], { env });
    await must(install, { env });
  });
}

// Debian before the merged /usr has some of them in /sbin and /bin.
function isThere(path: string): boolean {
  return (
    existsSync(path) || existsSync(path.replace('/usr/', '/')) || existsSync(path.replace('/bin/', '/sbin/'))
  );
}

// The lab starts engines of its own; the machine's must not come to life because a test ran.
async function withoutServices(install: () => Promise<void>): Promise<void> {
  if (existsSync(POLICY)) return install();
  writeFileSync(POLICY, '#!/bin/sh\nexit 101\n');
  chmodSync(POLICY, 0o755);
  try {
    await install();
  } finally {
    rmSync(POLICY, { force: true });
  }
}
