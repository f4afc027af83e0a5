import { existsSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import type { Daemon } from './daemon.ts';
import { cgroupParent } from './power.ts';
import type { LabRecord, MachineRecord } from './state.ts';

/** Where the host's engine is reached from this machine. */
export function dockerSocket(machine: MachineRecord): string {
  return join(machine.dir, 'docker.sock');
}

/** Writes the daemon.json that the host's first boot takes over. */
export function writeEngineConfig(
  lab: Pick<LabRecord, 'id'>,
  machine: MachineRecord,
  registry: string | undefined,
  extra: Readonly<Record<string, unknown>>,
): void {
  const config = {
    'live-restore': true,
    'storage-driver': machine.engine === 'debian' ? 'overlay2' : undefined,
    'cgroup-parent': cgroupParent(lab, machine),
    'exec-opts': ['native.cgroupdriver=cgroupfs'],
    'insecure-registries': registry === undefined ? [] : [registry],
    ...extra,
  };
  writeFileSync(join(machine.dir, 'daemon.json'), JSON.stringify(config, null, 2));
}

/** The host's Docker Engine. */
export function engineDaemon(machine: MachineRecord): Daemon {
  const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  const socket = dockerSocket(machine);
  return {
    argv: ['dockerd', '--host', 'unix:///run/docker.sock'],
    env: { PATH: machine.engine === 'current' ? `/run/engine:${path}` : path },
    logFile: '/var/log/dockerd.log',
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
