import { existsSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Daemon } from './daemon.ts';
import { cgroupParent } from './power.ts';
import type { LabRecord, MachineRecord } from './state.ts';

const ROOTLESS = fileURLToPath(new URL('rootless.sh', import.meta.url));

/** Where the host's engine is reached from this machine. */
export function dockerSocket(machine: MachineRecord): string {
  return join(machine.dir, 'docker.sock');
}

/** Writes the daemon.json, or Podman's settings, that the host's first boot takes over. */
export function writeEngineConfig(
  lab: Pick<LabRecord, 'id'>,
  machine: MachineRecord,
  registry: string | undefined,
  extra: Readonly<Record<string, unknown>>,
): void {
  if (machine.engine === 'podman') {
    writeFileSync(join(machine.dir, 'registries.conf'), podmanRegistry(registry));
    return;
  }
  // Without root it has no say in control groups, and its containers live in what ends with it.
  const root = {
    'live-restore': true,
    'cgroup-parent': cgroupParent(lab, machine),
    'exec-opts': ['native.cgroupdriver=cgroupfs'],
  };
  const config = {
    ...(machine.engine === 'rootless' ? {} : root),
    'storage-driver': machine.engine === 'debian' ? 'overlay2' : undefined,
    'insecure-registries': registry === undefined ? [] : [registry],
    ...extra,
  };
  writeFileSync(join(machine.dir, 'daemon.json'), JSON.stringify(config, null, 2));
}

const podmanRegistry = (registry: string | undefined): string =>
  registry === undefined ? '' : `[[registry]]\nlocation = "${registry}"\ninsecure = true\n`;

/** What serves the engine's API. Podman's containers are children of their own monitors, not of it. */
const command = (machine: MachineRecord): string[] => {
  if (machine.engine === 'rootless') return ['sh', ROOTLESS];
  if (machine.engine !== 'podman') return ['dockerd', '--host', 'unix:///run/docker.sock'];
  const stores = ['--root', '/var/lib/docker/podman', '--runroot', '/run/containers/storage'];
  // crun, Podman's first choice, starts nothing where both versions of cgroups are mounted.
  const ways = [
    '--runtime',
    'runc',
    '--cgroup-manager',
    'cgroupfs',
    '--network-backend',
    'netavark',
    '--events-backend',
    'file',
  ];
  return ['podman', ...stores, ...ways, 'system', 'service', '--time', '0', 'unix:///run/docker.sock'];
};

/** The host's engine. */
export function engineDaemon(machine: MachineRecord): Daemon {
  const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  const socket = dockerSocket(machine);
  return {
    argv: command(machine),
    env: { PATH: machine.engine === 'current' ? `/run/engine:${path}` : path },
    logFile: '/var/log/engine.log',
    isReady: () => answers(socket),
  };
}

function answers(socketPath: string): Promise<boolean> {
  if (!existsSync(socketPath)) return Promise.resolve(false);
  return new Promise((resolve) => {
    const ping = request({ socketPath, path: '/_ping', timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    ping.on('timeout', () => ping.destroy());
    ping.on('error', () => resolve(false));
    ping.end();
  });
}
