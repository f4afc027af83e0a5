import { routes } from '@portreeve/contract';
import type { Operator } from '../../e2e/console/operator.ts';
import { dockerOf } from '../../e2e/lab/docker.ts';
import { eventually, type Lab } from '../../e2e/lab/lab.ts';
import { HEALTH, type Side } from './side.ts';

const WAIT = { timeout: 180_000, interval: 50 };
const QUERY = { project: '/' };

const composeOf = (image: string, replicas: number, health: boolean, order: string): string => `
services:
  web:
    image: ${image}
    ${health ? `healthcheck: { test: "${HEALTH.command}", interval: ${HEALTH.intervalSeconds}s }` : 'healthcheck: { disable: true }'}
    deploy:
      replicas: ${replicas}
      update_config: { parallelism: 2, order: ${order}, monitor: 5s }
`;

/** Portreeve, by its API, with one agent on each host. */
export const ourSide = (lab: Lab, operator: Operator, images: readonly [string, string]): Side => {
  let present = { image: images[0], replicas: 0, health: true };
  const apply = async (order: string): Promise<void> => {
    const files = { 'compose.yaml': composeOf(present.image, present.replicas, present.health, order) };
    await operator.call(routes.stacks.apply, {
      params: { name: 'bench' },
      query: QUERY,
      body: { application: { files } },
    });
  };
  const find = () => operator.call(routes.stacks.find, { params: { name: 'bench' }, query: QUERY });
  const service = async () => {
    const { serviceList } = await find();
    return operator.call(routes.services.get, { params: { id: serviceList[0]?.id ?? '' } });
  };
  const ready = () =>
    eventually(async () => (await service()).tasks.filter((task) => task.ready).length === present.replicas, {
      ...WAIT,
      what: `${present.replicas} ready tasks`,
    });
  return {
    name: 'ours',
    start: async (replicas, health) => {
      present = { image: images[0], replicas, health };
      await apply('stop-first');
      await ready();
    },
    scale: async (replicas) => {
      present.replicas = replicas;
      const { id } = await service();
      await operator.call(routes.services.scale, { params: { id }, body: { replicas } });
      await ready();
    },
    roll: async (order) => {
      present.image = present.image === images[0] ? images[1] : images[0];
      await apply(order);
      const { revision } = await service();
      await eventually(
        async () => {
          const { tasks } = await service();
          const live = tasks.filter((task) => task.endedAt === null);
          return (
            live.length === present.replicas &&
            live.every(
              (task) => task.ready && task.revision >= revision && task.revision === live[0]?.revision,
            )
          );
        },
        { ...WAIT, what: 'the roll' },
      );
    },
    killOne: async () => {
      const { tasks } = await service();
      const victim = tasks.find((task) => task.ready);
      const host = lab.host(victim?.node?.name ?? '');
      const label = `io.portreeve.task=${victim?.id}`;
      const [container] = await dockerOf(host).listContainers({ filters: { label: [label] } });
      await dockerOf(host)
        .getContainer(container?.Id ?? '')
        .kill();
      await eventually(
        async () =>
          (await dockerOf(host).listContainers({ filters: { label: [label] } })).some(
            (one) => one.Id !== container?.Id,
          ),
        { ...WAIT, interval: 20, what: 'the next attempt' },
      );
    },
    remove: async () => {
      const { id } = await find();
      await operator.call(routes.stacks.remove, { params: { id }, query: {} });
      await eventually(
        async () =>
          (
            await Promise.all(
              lab.hosts.map((host) =>
                dockerOf(host).listContainers({ all: true, filters: { label: ['io.portreeve.task'] } }),
              ),
            )
          ).flat().length === 0,
        { ...WAIT, what: 'no container of ours' },
      );
    },
  };
};
