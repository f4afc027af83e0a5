import { dockerOf } from '../../e2e/lab/docker.ts';
import { eventually, type Lab } from '../../e2e/lab/lab.ts';
import { HEALTH, type Side } from './side.ts';

const SECOND = 1e9;
const LABEL = 'bench.side=engine';

/** The engines' own API, all containers at once: the floor that nobody gets under. */
export const engineSide = (lab: Lab, image: string): Side => {
  const engines = lab.hosts.map(dockerOf);
  const all = async () =>
    (
      await Promise.all(
        engines.map(async (engine) =>
          (
            await engine.listContainers({ all: true, filters: { label: [LABEL] } })
          ).map((one) => engine.getContainer(one.Id)),
        ),
      )
    ).flat();
  const startOne = async (index: number, health: boolean): Promise<void> => {
    const container = await engines[index % engines.length]?.createContainer({
      Image: image,
      Labels: { 'bench.side': 'engine' },
      Healthcheck: health
        ? { Test: ['CMD-SHELL', HEALTH.command], Interval: HEALTH.intervalSeconds * SECOND }
        : { Test: ['NONE'] },
    });
    await container?.start();
  };
  return {
    name: 'engine',
    start: async (replicas, health) => {
      await Promise.all(Array.from({ length: replicas }, (_, i) => startOne(i, health)));
      if (!health) return;
      const containers = await all();
      await eventually(
        async () =>
          (await Promise.all(containers.map((one) => one.inspect()))).every(
            (one) => one.State.Health?.Status === 'healthy',
          ),
        { timeout: 120_000, interval: 100, what: 'healthy containers' },
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
  };
};
