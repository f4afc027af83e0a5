import { dockerOf } from '../../e2e/lab/docker.ts';
import { eventually, type Lab } from '../../e2e/lab/lab.ts';
import { enginesOf } from './host-processes.ts';
import { containersWith, engineHealth, type Side, WAIT, type Wish } from './side.ts';

const LABEL = 'bench.side=engine';
const NETWORK = 'bench-net';

/** The engines' own API, all containers at once: the floor that nobody gets under. It restarts what dies, and that is all. */
export const engineSide = (lab: Lab, image: string): Side => {
  const engines = lab.hosts.map(dockerOf);
  const all = async () =>
    (await containersWith(lab.hosts, LABEL)).map(({ host, id }) => dockerOf(host).getContainer(id));
  const startOne = async (index: number, { health, network }: Wish): Promise<void> => {
    const container = await engines[index % engines.length]?.createContainer({
      Image: image,
      Labels: { 'bench.side': 'engine' },
      Healthcheck: engineHealth(health),
      HostConfig: {
        RestartPolicy: { Name: 'always' },
        NetworkMode: network ? NETWORK : 'default',
      },
    });
    await container?.start();
  };
  return {
    name: 'engine',
    label: LABEL,
    start: async (wish) => {
      if (wish.network)
        await Promise.all(engines.map((engine) => engine.createNetwork({ Name: NETWORK, Driver: 'bridge' })));
      await Promise.all(Array.from({ length: wish.replicas }, (_, i) => startOne(i, wish)));
      if (!wish.health) return;
      const containers = await all();
      await eventually(
        async () =>
          (await Promise.all(containers.map((one) => one.inspect()))).every(
            (one) => one.State.Health?.Status === 'healthy',
          ),
        { ...WAIT, what: 'healthy containers' },
      );
    },
    remove: async () => {
      await Promise.all(
        (await all()).map(async (one) => {
          await one.stop({ t: 10 }).catch(() => undefined);
          await one.remove({ force: true });
        }),
      );
    },
    cleared: async () => {
      await Promise.all(
        engines.map((engine) =>
          engine
            .getNetwork(NETWORK)
            .remove()
            .catch(() => undefined),
        ),
      );
    },
    footprint: async () => ({
      hosts: lab.hosts.map((host) => ({ engine: enginesOf(host), beside: [] })),
      control: {},
    }),
  };
};
