import Docker from 'dockerode';
import { eventually } from './eventually.ts';
import type { LabHost } from './types.ts';

/** A client of the host's engine. It works through files, so a cut cable does not matter to it. */
export function dockerOf(host: LabHost): Docker {
  return new Docker({ socketPath: host.dockerSocket });
}

/** Pulls an image and waits for its end. */
export async function pull(host: LabHost, image: string): Promise<void> {
  const docker = dockerOf(host);
  const stream = await docker.pull(image);
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(stream, (error) => (error ? reject(error) : resolve()));
  });
}

/** Pulls, creates and starts a container. */
export async function runContainer(
  host: LabHost,
  options: Docker.ContainerCreateOptions & { readonly Image: string },
): Promise<Docker.Container> {
  await pull(host, options.Image);
  const container = await dockerOf(host).createContainer(options);
  await container.start();
  return container;
}

/** Waits for the engine to call the container healthy or unhealthy. */
export function awaitHealth(container: Docker.Container, health: 'healthy' | 'unhealthy'): Promise<true> {
  return eventually(async () => (await container.inspect()).State.Health?.Status === health, {
    timeout: 30_000,
    what: `a container to be ${health}`,
  });
}
