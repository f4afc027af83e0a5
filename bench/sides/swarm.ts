import { dockerOf } from '../../e2e/lab/docker.ts';
import { eventually, type Lab } from '../../e2e/lab/lab.ts';
import { enginesOf } from './host-processes.ts';
import { allGone, engineHealth, type Side, WAIT, type Wish } from './side.ts';

const SECOND = 1e9;
const LABEL = 'com.docker.swarm.service.name=bench';
const NETWORK = 'bench-net';

type SwarmTask = {
  DesiredState: string;
  Status: { State: string };
  Spec: { ContainerSpec: { Image: string } };
};
type Update = { image: string; order: string; turn: number };

/** Makes the first host a manager and the others its workers; returns when all are ready. */
const gather = async (lab: Lab): Promise<void> => {
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
  await eventually(
    async () => {
      const nodes = (await docker.listNodes()) as { Status: { State: string } }[];
      return nodes.filter(({ Status }) => Status.State === 'ready').length === lab.hosts.length;
    },
    { ...WAIT, what: 'every host in the swarm' },
  );
};

const specOf = (wish: Wish, { image, order, turn }: Update) => ({
  Name: 'bench',
  TaskTemplate: {
    ContainerSpec: { Image: image, HealthCheck: engineHealth(wish.health) },
    RestartPolicy: { Condition: 'any', Delay: 5 * SECOND },
    Networks: wish.network ? [{ Target: NETWORK }] : [],
    ForceUpdate: turn,
  },
  Mode: { Replicated: { Replicas: wish.replicas } },
  UpdateConfig: { Parallelism: 2, Order: order, Monitor: 5 * SECOND, FailureAction: 'pause' },
});

/** Docker Swarm mode over the same engines: one manager, which runs tasks too, the others workers. */
export const swarmSide = async (lab: Lab, images: readonly [string, string]): Promise<Side> => {
  await gather(lab);
  const [manager, ...workers] = lab.hosts;
  if (!manager) throw new Error('Swarm needs a host.');
  const docker = dockerOf(manager);
  await docker.createNetwork({ Name: NETWORK, Driver: 'overlay' });
  let wish: Wish = { replicas: 0, health: false, network: false };
  let present: Update = { image: images[0], order: 'stop-first', turn: 0 };

  const running = async (): Promise<SwarmTask[]> => {
    const tasks = (await docker.listTasks({
      filters: JSON.stringify({ service: ['bench'] }),
    })) as SwarmTask[];
    return tasks.filter(({ Status }) => Status.State === 'running');
  };
  const wanted = async () => (await running()).filter(({ DesiredState }) => DesiredState === 'running');
  const allRun = () =>
    eventually(async () => (await wanted()).length === wish.replicas, {
      ...WAIT,
      what: `${wish.replicas} tasks of Swarm`,
    });
  const update = async (change: Partial<Update>, replicas = wish.replicas): Promise<void> => {
    wish = { ...wish, replicas };
    present = { ...present, ...change };
    const service = docker.getService('bench');
    const { Version } = await service.inspect();
    await service.update({ version: Version.Index, ...specOf(wish, present) });
  };
  return {
    name: 'swarm',
    label: LABEL,
    start: async (next) => {
      wish = next;
      present = { image: images[0], order: 'stop-first', turn: 0 };
      await docker.createService(specOf(wish, present) as never);
      await allRun();
    },
    scale: async (replicas) => {
      await update({}, replicas);
      await allRun();
    },
    roll: async (order) => {
      const image = present.image === images[0] ? images[1] : images[0];
      await update({ image, order, turn: present.turn + 1 });
      await eventually(
        async () => {
          const live = await running();
          return (
            live.length === wish.replicas &&
            live.every(({ Spec }) => Spec.ContainerSpec.Image.split('@')[0] === image)
          );
        },
        { ...WAIT, what: 'the roll of Swarm' },
      );
    },
    remove: async () => {
      await docker.getService('bench').remove();
      await allGone(lab.hosts, LABEL);
    },
    footprint: async () => ({
      hosts: workers.map((host) => ({ engine: enginesOf(host), beside: [] })),
      control: { manager: enginesOf(manager) },
    }),
  };
};
