import { routes } from '@portreeve/contract';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { joinHosts } from '../console/hosts.ts';
import { type Operator, signIn } from '../console/operator.ts';
import { type Product, startProduct } from '../console/product.ts';
import { askAll, watchReady } from '../journeys/callers.ts';
import { dockerOf } from '../lab/docker.ts';
import { eventually, type Lab, type LabHost, startLab } from '../lab/lab.ts';

/** Real hosts, engines and agents, and the product as a person starts it. */
let lab: Lab;
let product: Product;
let operator: Operator;
let nodes: Map<string, string>;
const ROOT = { query: { project: '/' } };
const REPLICAS = 2;
beforeAll(async () => {
  lab = await startLab({ hosts: 3, id: `faults${process.pid}` });
  product = await startProduct({ address: lab.bridgeAddress, env: { PORTREEVE_WEB: 'none' } });
  operator = await signIn(product, product.firstPassword ?? '');
  nodes = await joinHosts(operator, lab.hosts, lab.bridgeAddress);
  await operator.call(routes.registries.create, {
    ...ROOT,
    body: { host: lab.registry?.address ?? '', plainHttp: true, allowPrivateAddress: true },
  });
});
afterAll(async () => {
  await product?.stop();
  await lab?.stop();
});

const HEALTH =
  '{ test: [CMD, wget, -q, -O, /dev/null, "http://127.0.0.1:8080/healthz"], interval: 1s, timeout: 5s, retries: 3 }';
type Release = { tag: string; port: number; health?: string; env?: string; memory?: string };
const composeOf = ({ tag, port, health = HEALTH, env = '{}', memory = '512M' }: Release): string => `
services:
  web:
    image: ${lab.registry?.imageRef('web', tag)}
    ports: [ "${port}:8080" ]
    environment: ${env}
    healthcheck: ${health}
    deploy:
      replicas: ${REPLICAS}
      resources: { limits: { memory: ${memory} } }
      update_config: { parallelism: 1, order: start-first, monitor: 10s, failure_action: rollback }
      rollback_config: { parallelism: 0, monitor: 0s }
`;
const applicationOf = (release: Release) => ({
  application: { files: { 'compose.yaml': composeOf(release) } },
});
const apply = (name: string, release: Release) =>
  operator.call(routes.stacks.apply, { params: { name }, ...ROOT, body: applicationOf(release) });
const find = (name: string) => operator.call(routes.stacks.find, { params: { name }, ...ROOT });
const healthy = (names: readonly string[]) =>
  eventually(
    async () => {
      const stacks = await Promise.all(names.map(find));
      return stacks.every(({ state, count }) => state === 'healthy' && count.ready === REPLICAS);
    },
    { timeout: 60_000, interval: 250, what: `${names.join(', ')} to be healthy` },
  );
const rolloutState = async (name: string): Promise<string | undefined> => {
  const [service] = (await find(name)).serviceList;
  const { items } = await operator.call(routes.services.rollouts, {
    params: { id: service?.id ?? '' },
    query: { limit: 1 },
  });
  return items[0]?.state;
};

/** The running containers of a stack on a host. */
const containersOf = async (host: LabHost, stack: string): Promise<string[]> => {
  const found = await dockerOf(host).listContainers();
  return found
    .filter(({ Labels }) => Labels['io.portreeve.names']?.split(' ')[1] === stack)
    .map(({ Id }) => Id)
    .sort();
};

const TAKEN_PORT = 8199;
/** How a release may be bad; each is a stack of its own, so that all can be bad at once. */
const BAD: Record<string, (port: number) => Release> = {
  'crash-loop': (port) => ({ tag: 'crash', port, env: '{ EXIT_AFTER: "0" }' }),
  'never-healthy': (port) => ({ tag: 'never-healthy', port }),
  'dies-soon': (port) => ({ tag: 'crash', port, env: '{ EXIT_AFTER: "5" }' }),
  'health-hangs': (port) => ({
    tag: 'good2',
    port,
    health: '{ test: [CMD, sleep, "60"], interval: 1s, timeout: 1s, retries: 2 }',
  }),
  'out-of-memory': (port) => ({ tag: 'oom', port, env: '{ OOM_AFTER: "1" }', memory: '32M' }),
};
/** What was ready and dies by itself is missed until its next attempt, whoever deploys it. */
const SERVES_FIRST = new Set(['dies-soon', 'out-of-memory']);
const LISTEN = `use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalPort => ${TAKEN_PORT}, Listen => 5) or die; sleep`;

it('F-20 every kind of bad release is turned back by itself, and at no moment fewer serve than before', {
  timeout: 240_000,
}, async () => {
  const names = Object.keys(BAD);
  const ports = names.map((_, index) => 8101 + index);
  for (const [index, name] of names.entries()) await apply(name, { tag: 'good', port: 8101 + index });
  await healthy(names);
  const watches = ports.map((port) => watchReady(lab, { ports: [port], everyMs: 200 }));
  await Promise.all(names.map((name, index) => apply(name, BAD[name]?.(8101 + index) as Release)));
  await eventually(
    async () => {
      const states = await Promise.all(names.map(rolloutState));
      if (states.some((state) => state !== 'rolled back')) throw new Error(`${names}: ${states}`);
      return true;
    },
    { timeout: 150_000, interval: 500, what: 'every release to be turned back' },
  );
  const fewest = await Promise.all(watches.map(async (watch) => (await watch.end()).fewest));
  for (const [index, name] of names.entries())
    if (!SERVES_FIRST.has(name)) expect(fewest[index], name).toBeGreaterThanOrEqual(REPLICAS);
  await healthy(names);
  const answers = await eventually(
    async () => {
      const given = await askAll(lab, '/', ports);
      return given.length === names.length * REPLICAS && given;
    },
    { timeout: 30_000, what: 'every task to answer' },
  );
  for (const answer of answers) expect(answer).toMatch(/\bgood\b/);
  for (const name of names)
    await operator.call(routes.stacks.remove, { params: { id: (await find(name)).id } });
});

it('F-20 a release to a port that something else of the hosts has is refused, and what runs is left alone', {
  timeout: 120_000,
}, async () => {
  const name = 'port-taken';
  await apply(name, { tag: 'good', port: 8108 });
  await healthy([name]);
  const before = (await Promise.all(lab.hosts.map((host) => containersOf(host, name)))).flat();
  for (const host of lab.hosts) host.spawn(['perl', '-e', LISTEN]);
  await eventually(
    async () => {
      const bad = {
        params: { name },
        ...ROOT,
        body: applicationOf({ tag: 'good2', port: TAKEN_PORT }).application,
      };
      const { refusals } = await operator.call(routes.stacks.plan, bad);
      return refusals.some(({ message }) => message.includes(String(TAKEN_PORT)));
    },
    { timeout: 30_000, what: 'the hosts to say who has the port' },
  );
  await expect(apply(name, { tag: 'good2', port: TAKEN_PORT })).rejects.toThrow(`${TAKEN_PORT}`);
  expect((await Promise.all(lab.hosts.map((host) => containersOf(host, name)))).flat()).toEqual(before);
  await operator.call(routes.stacks.remove, { params: { id: (await find(name)).id } });
});

const isReady = async (host: LabHost): Promise<boolean> => {
  const { state } = await operator.call(routes.nodes.get, { params: { id: nodes.get(host.name) ?? '' } });
  return state === 'ready';
};
it('F-12 a host that is cut off, one way or the other, is lost; its containers run on, and one of each is left when it is back', {
  timeout: 180_000,
}, async () => {
  const name = 'cut';
  await apply(name, { tag: 'good', port: 8110 });
  const [service] = (await find(name)).serviceList;
  for (const direction of ['in', 'out'] as const) {
    await healthy([name]);
    const { tasks } = await operator.call(routes.services.get, { params: { id: service?.id ?? '' } });
    const victim = lab.host(tasks.find(({ ready }) => ready)?.node?.name ?? '');
    const before = await containersOf(victim, name);
    expect(before).toHaveLength(1);
    const since = Date.now();
    await victim.partition({ direction });
    await eventually(async () => !(await isReady(victim)), { timeout: 60_000, what: 'the host to be lost' });
    process.stdout.write(`F-12: cut off (${direction}), lost after ${Date.now() - since} ms\n`);
    await eventually(
      async () => {
        const seen = await operator.call(routes.services.get, { params: { id: service?.id ?? '' } });
        const elsewhere = seen.tasks.filter(({ ready, node }) => ready && node?.name !== victim.name);
        return elsewhere.length === REPLICAS;
      },
      { timeout: 60_000, what: 'its task to run elsewhere' },
    );
    expect(await containersOf(victim, name)).toEqual(before);
    await victim.heal();
    await eventually(() => isReady(victim), { timeout: 40_000, what: 'the host to be back' });
    await eventually(
      async () =>
        (await Promise.all(lab.hosts.map((host) => containersOf(host, name)))).flat().length === REPLICAS,
      { timeout: 30_000, what: 'one container for each slot' },
    );
    expect(await containersOf(victim, name)).toEqual([]);
  }
});
