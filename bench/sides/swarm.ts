import { dockerOf } from '../../e2e/lab/docker.ts';
import { eventually, type Lab } from '../../e2e/lab/lab.ts';
import { HEALTH, type Side } from './side.ts';

const SECOND = 1e9;
const WAIT = { timeout: 180_000, interval: 50 };

/** Docker Swarm mode over the same engines: one manager, the others workers. */
export const swarmSide = async (lab: Lab, images: readonly [string, string]): Promise<Side> => {
  const [manager, ...workers] = lab.hosts;
  if (!manager) throw new Error('Swarm needs a host.');
  const docker = dockerOf(manager);
  await docker.swarmInit({ ListenAddr: '0.0.0.0:2377', AdvertiseAddr: manager.address });
  const { JoinTokens } = (await docker.swarmInspect()) as { JoinTokens: { Worker: string } };
  for (const worker of workers)
    await dockerOf(worker).swarmJoin({
      ListenAddr: '0.0.0.0:2377',
      AdvertiseAddr: worker.address,
      RemoteAddrs: [`${manager.address}:2377`],
      JoinToken: JoinTokens.Worker,
    });

  const specOf = (image: string, replicas: number, health: boolean, order: string, turn: number) => ({
    Name: 'bench',
    TaskTemplate: {
      ContainerSpec: {
        Image: image,
        HealthCheck: health
          ? { Test: ['CMD-SHELL', HEALTH.command], Interval: HEALTH.intervalSeconds * SECOND }
          : { Test: ['NONE'] },
      },
      RestartPolicy: { Condition: 'any', Delay: 5 * SECOND },
      ForceUpdate: turn,
    },
    Mode: { Replicated: { Replicas: replicas } },
    UpdateConfig: { Parallelism: 2, Order: order, Monitor: 5 * SECOND, FailureAction: 'pause' },
  });
  const tasks = async () =>
    (await docker.listTasks({ filters: JSON.stringify({ service: ['bench'] }) })) as {
      ID: string;
      DesiredState: string;
      Status: { State: string; ContainerStatus?: { ContainerID: string } };
      Spec: { ContainerSpec: { Image: string } };
      NodeID: string;
    }[];
  const running = (count: number) =>
    eventually(
      async () =>
        (await tasks()).filter((task) => task.Status.State === 'running' && task.DesiredState === 'running')
          .length === count,
      { ...WAIT, what: `${count} tasks of Swarm` },
    );
  const update = async (change: { image?: string; replicas?: number; order?: string; turn?: number }) => {
    const service = docker.getService('bench');
    const { Version, Spec } = await service.inspect();
    await service.update({
      version: Version.Index,
      ...specOf(
        change.image ?? Spec.TaskTemplate.ContainerSpec.Image,
        change.replicas ?? Spec.Mode.Replicated.Replicas,
        true,
        change.order ?? 'stop-first',
        change.turn ?? 0,
      ),
    });
    return Spec.Mode.Replicated.Replicas as number;
  };
  let turn = 0;
  return {
    name: 'swarm',
    start: async (replicas, health) => {
      await docker.createService(specOf(images[0], replicas, health, 'stop-first', 0) as never);
      await running(replicas);
    },
    scale: async (replicas) => {
      await update({ replicas });
      await running(replicas);
    },
    roll: async (order) => {
      turn += 1;
      const image = images[turn % 2] ?? images[0];
      const replicas = await update({ image, order, turn });
      await eventually(
        async () => {
          const live = (await tasks()).filter((task) => task.Status.State === 'running');
          return (
            live.length === replicas && live.every((task) => task.Spec.ContainerSpec.Image.startsWith(image))
          );
        },
        { ...WAIT, what: 'the roll of Swarm' },
      );
    },
    remove: async () => {
      await docker.getService('bench').remove();
      await eventually(
        async () =>
          (
            await Promise.all(
              lab.hosts.map((host) =>
                dockerOf(host).listContainers({
                  all: true,
                  filters: { label: ['com.docker.swarm.service.name=bench'] },
                }),
              ),
            )
          ).flat().length === 0,
        { ...WAIT, what: 'no container of Swarm' },
      );
    },
  };
};
