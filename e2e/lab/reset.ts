import Docker from 'dockerode';
import { eventually } from './eventually.ts';
import { wipeAtBoot } from './power.ts';
import type { MachineRecord } from './state.ts';
import type { LabHost, ResetOptions } from './types.ts';

/**
 * Makes a host as new, but for its images: a power cut, a boot from an empty disk layer, and an
 * emptied engine. A boot takes well under a second, and leaves no process, interface, rule, mount or
 * file of whatever a test has run; nothing that cleans up piece by piece can promise that.
 */
export async function resetHost(host: LabHost, machine: MachineRecord, options: ResetOptions): Promise<void> {
  await host.heal();
  await host.kill();
  wipeAtBoot(machine);
  await host.boot();
  await emptyEngine(new Docker({ socketPath: host.dockerSocket }), options);
}

async function emptyEngine(docker: Docker, options: ResetOptions): Promise<void> {
  await leaveSwarm(docker);
  const containers = await docker.listContainers({ all: true });
  await Promise.all(
    containers.map(({ Id }) => unlessGone(docker.getContainer(Id).remove({ force: true, v: true }))),
  );
  await eventually(async () => (await docker.listContainers({ all: true })).length === 0, {
    what: 'an engine without containers',
  });
  const networks = await docker.listNetworks({ filters: { type: ['custom'] } });
  await Promise.all(networks.map(({ Id }) => unlessGone(docker.getNetwork(Id).remove())));
  const { Volumes } = await docker.listVolumes();
  await Promise.all((Volumes ?? []).map(({ Name }) => docker.getVolume(Name).remove({ force: true })));
  if (options.images === true) await removeImages(docker);
}

/** An engine that left its swarm a moment ago is still removing what was the swarm's. */
async function unlessGone(removal: Promise<unknown>): Promise<void> {
  await removal.catch((error: { statusCode?: number; message: string }) => {
    if (error.statusCode !== 404 && !error.message.includes('already in progress')) throw error;
  });
}

async function leaveSwarm(docker: Docker): Promise<void> {
  const { Swarm } = await docker.info();
  if (Swarm?.LocalNodeState && Swarm.LocalNodeState !== 'inactive') await docker.swarmLeave({ force: true });
}

async function removeImages(docker: Docker): Promise<void> {
  // One after the other: they share layers, and the engine refuses to race with itself.
  for (const { Id } of await docker.listImages()) await docker.getImage(Id).remove({ force: true });
}
