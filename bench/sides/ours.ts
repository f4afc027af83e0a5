import { routes } from '@portreeve/contract';
import type { Operator } from '../../e2e/console/operator.ts';
import { processesBelow } from '../../e2e/console/process-tree.ts';
import type { Product } from '../../e2e/console/product.ts';
import { dockerOf } from '../../e2e/lab/docker.ts';
import { eventually, type Lab, type LabHost } from '../../e2e/lab/lab.ts';
import { agentsOf, enginesOf } from './host-processes.ts';
import { allGone, HEALTH, type Side, WAIT, type Wish } from './side.ts';

const QUERY = { project: '/' };
const LABEL = 'io.portreeve.task';

const composeOf = (wish: Wish, image: string, order: string): string => `
services:
  web:
    image: ${image}
    ${wish.network ? '' : 'network_mode: bridge'}
    ${wish.health ? `healthcheck: { test: "${HEALTH.command}", interval: ${HEALTH.intervalSeconds}s }` : 'healthcheck: { disable: true }'}
    deploy:
      replicas: ${wish.replicas}
      update_config: { parallelism: 2, order: ${order}, monitor: 5s }
`;

const networksOf = async (host: LabHost): Promise<number> =>
  (await dockerOf(host).listNetworks({ filters: { label: ['io.portreeve.network'] } })).length;

/** Portreeve, by its API, with one agent on each host. */
export const ourSide = (
  lab: Lab,
  product: Product,
  operator: Operator,
  images: readonly [string, string],
): Side => {
  let wish: Wish = { replicas: 0, health: true, network: true };
  let image = images[0];
  const apply = async (order: string): Promise<void> => {
    const files = { 'compose.yaml': composeOf(wish, image, order) };
    await operator.call(routes.stacks.apply, {
      params: { name: 'bench' },
      query: QUERY,
      body: { application: { files } },
    });
  };
  const find = () => operator.call(routes.stacks.find, { params: { name: 'bench' }, query: QUERY });
  let serviceId = '';
  const service = () => operator.call(routes.services.get, { params: { id: serviceId } });
  const live = async () => {
    const query = { limit: 500 };
    const { items } = await operator.call(routes.services.tasks, { params: { id: serviceId }, query });
    return items.filter(({ endedAt }) => endedAt === null);
  };
  const ready = () =>
    eventually(async () => (await live()).filter((task) => task.ready).length === wish.replicas, {
      ...WAIT,
      what: `${wish.replicas} ready tasks`,
    });
  return {
    name: 'ours',
    label: LABEL,
    start: async (next) => {
      wish = next;
      image = images[0];
      await apply('stop-first');
      const { serviceList } = await find();
      serviceId = serviceList[0]?.id ?? '';
      await ready();
    },
    scale: async (replicas) => {
      wish = { ...wish, replicas };
      await operator.call(routes.services.scale, { params: { id: serviceId }, body: { replicas } });
      await ready();
    },
    roll: async (order) => {
      image = image === images[0] ? images[1] : images[0];
      const before = Math.max(...(await live()).map(({ revision }) => revision));
      await apply(order);
      await eventually(
        async () => {
          const tasks = await live();
          return (
            tasks.length === wish.replicas && tasks.every((task) => task.ready && task.revision > before)
          );
        },
        { ...WAIT, what: 'the roll' },
      );
    },
    remove: async () => {
      const { id } = await find();
      await operator.call(routes.stacks.remove, { params: { id }, query: {} });
      await allGone(lab.hosts, LABEL);
    },
    cleared: async () => {
      const gone = () =>
        find().then(
          () => false,
          () => true,
        );
      await eventually(gone, { ...WAIT, what: 'the stack to be gone' });
      await eventually(
        async () => (await Promise.all(lab.hosts.map(networksOf))).every((count) => count === 0),
        { ...WAIT, what: 'its networks to be gone' },
      );
    },
    calm: async () => {
      await eventually(async () => (await service()).activeRollout === null, {
        ...WAIT,
        what: 'the rollout to end',
      });
    },
    footprint: async () => {
      const server = await product.serverPid();
      const database = await product.databasePid();
      const all = processesBelow(product.pid);
      const supervisors = all.filter(({ command }) => command.includes('supervisor/main.ts'));
      return {
        hosts: lab.hosts.map((host) => ({ engine: enginesOf(host), beside: agentsOf(host) })),
        control: {
          server: [server],
          database: [database, ...processesBelow(database).map(({ pid }) => pid)],
          supervisor: [product.pid, ...supervisors.map(({ pid }) => pid)],
        },
      };
    },
  };
};
