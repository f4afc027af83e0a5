import type { HostContainer, RequestValueOf } from '@portreeve/agent-protocol';
import type { ContainerInfo, ContainerInspectInfo, VolumeInspectInfo } from 'dockerode';
import { engineMessage, statusOf } from '../engine/call.ts';
import type { Engine } from '../engine/engine.ts';

const COMPOSE = 'com.docker.compose.';

const composeOf = (labels: Record<string, string>): HostContainer['compose'] => {
  const project = labels[`${COMPOSE}project`];
  const service = labels[`${COMPOSE}service`];
  if (project === undefined || service === undefined) return undefined;
  return {
    project,
    service,
    number: Number(labels[`${COMPOSE}container-number`] ?? 1),
    workingDir: labels[`${COMPOSE}project.working_dir`],
    configFiles: labels[`${COMPOSE}project.config_files`],
  };
};

const portOf = (port: ContainerInfo['Ports'][number]): string =>
  port.PublicPort
    ? `${port.IP ?? ''}:${port.PublicPort}->${port.PrivatePort}/${port.Type}`
    : `${port.PrivatePort}/${port.Type}`;

const volumeOf = (volume: VolumeInspectInfo | undefined) =>
  volume && {
    driver: volume.Driver,
    driverOptions: volume.Options ?? {},
    composeProject: volume.Labels?.[`${COMPOSE}project`],
  };

/** Every container of the host, ours and others', as the engine lists it. */
export const listContainers = async (
  engine: Engine,
  taskOf: (containerId: string) => string | undefined,
): Promise<HostContainer[]> => {
  const [found, { Volumes }] = await Promise.all([
    engine.docker.listContainers({ all: true }),
    engine.docker.listVolumes(),
  ]);
  const volumes = new Map((Volumes ?? []).map((volume) => [volume.Name, volume]));
  return found.map((info) => ({
    id: info.Id,
    name: info.Names[0]?.replace(/^\//, '') ?? '',
    image: info.Image,
    imageId: info.ImageID,
    state: info.State,
    status: info.Status,
    createdAt: new Date(info.Created * 1000).toISOString(),
    taskId: taskOf(info.Id),
    compose: composeOf(info.Labels),
    volumes: info.Mounts.flatMap((mount) =>
      mount.Type === 'volume' && mount.Name
        ? [{ ...volumeOf(volumes.get(mount.Name)), name: mount.Name, target: mount.Destination }]
        : [],
    ),
    ports: info.Ports.map(portOf),
  }));
};

/** Whether an image is on this host, and by which digests it is known. */
export const findImage = async (engine: Engine, reference: string): Promise<RequestValueOf<'find-image'>> => {
  try {
    const image = await engine.docker.getImage(reference).inspect();
    return { found: true, imageId: image.Id, repoDigests: image.RepoDigests ?? [] };
  } catch (error) {
    if (statusOf(error) === 404) return { found: false, repoDigests: [] };
    throw error;
  }
};

/** Removes a volume that nothing uses; one that is not there counts as removed. */
export const removeVolume = async (
  engine: Engine,
  engineName: string,
): Promise<RequestValueOf<'remove-volume'>> => {
  try {
    await engine.docker.getVolume(engineName).remove();
    return { removed: true, reason: '' };
  } catch (error) {
    if (statusOf(error) === 404) return { removed: true, reason: 'it was not there' };
    return { removed: false, reason: engineMessage(error) };
  }
};

const SECRET_LIKE = /pass|secret|token|key|credential|auth/i;

/** Values of variables that sound like secrets are masked, whoever may see the rest. */
export const masked = (info: ContainerInspectInfo): ContainerInspectInfo => ({
  ...info,
  Config: {
    ...info.Config,
    Env: (info.Config.Env ?? []).map((entry) => {
      const name = entry.split('=', 1)[0] ?? '';
      return SECRET_LIKE.test(name) ? `${name}=••••` : entry;
    }),
  },
});
