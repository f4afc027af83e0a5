import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AssignedTask, DesiredDocument } from '@portreeve/agent-protocol';
import { routes } from '@portreeve/contract';
import { createTestDatabase, type TestDatabase } from '../../apps/server/src/platform/db/test-database.ts';
import { type FakeRegistry, startFakeRegistry } from '../../apps/server/src/registry/test-registry.ts';
import { type Operator, PASSWORD, signIn } from '../console/operator.ts';
import { eventually } from '../lab/eventually.ts';
import { startWire, type Wire } from '../lab/wire.ts';
import { type History, recordHistory } from './history.ts';
import { makeServerProcess, type ServerProcess } from './server-process.ts';
import type { Behaviour, Container } from './simulated-engine.ts';
import { type SimulatedHost, startSimulatedHost } from './simulated-host.ts';

const ROOT = { project: '/' };
export const TAGS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10'];

type Options = {
  servers: number;
  hosts: number;
  behaviourOf?: (task: AssignedTask) => Behaviour;
  onDocument?: (document: DesiredDocument) => void;
};
type Deploy = { tag: string; replicas: number; update?: string };

/** Server processes on one real PostgreSQL, each by a wire of its own, and hosts whose engines alone are simulated. */
export type Cluster = {
  db: TestDatabase;
  history: History;
  servers: ServerProcess[];
  wires: Wire[];
  hosts: SimulatedHost[];
  registry: FakeRegistry;
  /** Whether that server believes that it leads. */
  leads(server: ServerProcess): Promise<boolean>;
  /** Of whichever server answers; tried again while none does. */
  call: Operator['call'];
  addHosts(names: readonly string[]): Promise<SimulatedHost[]>;
  /** Applies a stack of one service `web`; resolves once it was acknowledged. */
  apply(name: string, deploy: Deploy): Promise<string>;
  /** Containers that run now, anywhere, of that service. */
  running(serviceId: string): Container[];
  /** Resolves when exactly the slots run, each once and ready, of that tag, and no rollout is open. */
  settled(serviceId: string, deploy: Deploy): Promise<void>;
  stop(): Promise<void>;
};

const composeOf = (registry: string, { tag, replicas, update }: Deploy): string => `
services:
  web:
    image: ${registry}/shop/web:${tag}
    deploy: { replicas: ${replicas}, update_config: { ${update ?? 'parallelism: 2, order: start-first, monitor: 0s'} } }
`;

export const startCluster = async (options: Options): Promise<Cluster> => {
  const db = await createTestDatabase();
  const history = await recordHistory(db.ownerUrl);
  const registry = await startFakeRegistry();
  for (const tag of TAGS) registry.push('shop/web', tag);
  const folder = mkdtempSync(join(tmpdir(), 'portreeve-faults-'));
  const wires = await Promise.all(Array.from({ length: options.servers }, startWire));
  const servers = await Promise.all(
    wires.map((wire) =>
      makeServerProcess({
        databaseUrl: wire.url(db.url),
        keyFile: join(folder, 'cluster.key'),
        dataFolder: folder,
      }),
    ),
  );
  // The first founds the cluster; then the others can come.
  await servers[0]?.start();
  const [founder, ...others] = servers as [ServerProcess, ...ServerProcess[]];
  await Promise.all(others.map((server) => server.start()));
  const operators = new Map<ServerProcess, Operator>();
  operators.set(founder, await signIn(founder, founder.firstPassword() ?? ''));
  for (const server of others) operators.set(server, await signIn(server, PASSWORD));

  const call: Operator['call'] = (route, input) =>
    eventually(
      async () => {
        const server = servers.find((one) => one.isUp());
        const operator = server && operators.get(server);
        return operator && { answer: await operator.call(route, input) };
      },
      { timeout: 30_000, interval: 20, what: `${route.id} to be answered` },
    ).then(({ answer }) => answer);

  await call(routes.registries.create, {
    query: ROOT,
    body: { host: registry.host, plainHttp: true, allowPrivateAddress: true },
  });
  const hosts: SimulatedHost[] = [];
  const addHosts = async (names: readonly string[]): Promise<SimulatedHost[]> => {
    const { token, caSha256 } = await call(routes.nodes.createToken, { body: { uses: names.length } });
    const added = await Promise.all(
      names.map((name) =>
        startSimulatedHost({
          ...{ name, token, caSha256, agentUrl: founder.agentUrl, onDocument: options.onDocument },
          otherServers: others.map(({ agentUrl }) => agentUrl),
          behaviourOf: options.behaviourOf ?? (() => ({ readyAfterMs: 30 })),
        }),
      ),
    );
    hosts.push(...added);
    const ids = added.map(({ nodeId }) => nodeId);
    await eventually(
      async () =>
        (await db.database.prisma.node.count({ where: { id: { in: ids }, state: 'ready' } })) === ids.length,
      { timeout: 30_000, what: 'the hosts to be ready' },
    );
    return added;
  };
  await addHosts(Array.from({ length: options.hosts }, (_, index) => `host-${index + 1}`));

  const running = (serviceId: string): Container[] =>
    hosts.flatMap((host) => host.running().filter(({ task }) => task.serviceId === serviceId));
  const leads = async (server: ServerProcess): Promise<boolean> => {
    if (!server.isUp()) return false;
    const authorization = `Bearer ${readFileSync(join(folder, 'metrics-token'), 'utf8').trim()}`;
    const answer = await fetch(`${server.url}/metrics`, { headers: { authorization } }).catch(
      () => undefined,
    );
    return /^portreeve_leader 1$/m.test((await answer?.text()) ?? '');
  };
  const openRollouts = (serviceId: string): Promise<number> =>
    db.database.prisma.rollout.count({
      where: { serviceId, state: { in: ['running', 'rolling back', 'paused'] } },
    });
  return {
    ...{ db, history, servers, wires, hosts, registry, call, leads, addHosts, running },
    apply: async (name, deploy) => {
      const files = { 'compose.yaml': composeOf(registry.host, deploy) };
      await call(routes.stacks.apply, { params: { name }, query: ROOT, body: { application: { files } } });
      const service = await db.database.prisma.service.findFirstOrThrow({ where: { stack: { name } } });
      return service.id;
    },
    settled: async (serviceId, { tag, replicas }) => {
      const wanted = Array.from({ length: replicas }, (_, index) => `${index + 1} :${tag} ready`);
      const seen = () =>
        running(serviceId)
          .map(
            ({ task, ready }) =>
              `${task.slot} ${task.spec.image.slice(task.spec.image.lastIndexOf(':'))} ${ready ? 'ready' : 'not ready'}`,
          )
          .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
      await eventually(
        async () => {
          const now = seen();
          if (JSON.stringify(now) !== JSON.stringify(wanted)) throw new Error(now.join(', '));
          return (await openRollouts(serviceId)) === 0;
        },
        { timeout: 40_000, interval: 20, what: 'each slot to run once, as was asked last' },
      );
    },
    stop: async () => {
      await Promise.all(hosts.map((host) => host.stop()));
      await Promise.all(servers.map((server) => server.kill('SIGTERM')));
      for (const wire of wires) wire.close();
      await registry.close();
      await db.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
