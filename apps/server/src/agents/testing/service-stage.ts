import type { TaskReport } from '@portreeve/agent-protocol';
import { ServiceSpec } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import type { Node, Task } from '../../platform/db/generated/client.ts';
import { raiseGenerations } from '../generation.store.ts';
import { SEALED } from '../sealed.ts';
import { type Identity, join } from './test-agent.ts';
import { createTestCluster, type TestCluster, type TestServer } from './test-cluster.ts';

/** One server, and a service `web` of a stack `shop` whose tasks a test gives to hosts of its own. */
export type ServiceStage = {
  cluster: TestCluster;
  server: TestServer;
  serviceId: string;
  revisionId: string;
  /** Of the image of the service. */
  digest: string;
  joined(name: string): Promise<Identity>;
  /** A new task of the service on that node, which its next document holds. */
  assign(nodeId: string, over?: object): Promise<string>;
  taskRow(id: string): Promise<Task>;
  nodeRow(id: string): Promise<Node>;
};

/** What an agent says of a task that runs and is ready. */
export const said = (taskId: string, over: Partial<TaskReport> = {}): TaskReport => ({
  taskId,
  state: 'running',
  ready: true,
  at: new Date().toISOString(),
  attempt: 1,
  imageReady: true,
  reason: '',
  ...over,
});

/** Starts the stage on a database of its own. */
export const startServiceStage = async (): Promise<ServiceStage> => {
  const cluster = await createTestCluster();
  const server = await cluster.startServer();
  const { database, rootId } = cluster;
  const { prisma } = database;
  const [stackId, serviceId, revisionId] = [uuid(), uuid(), uuid()];
  const digest = `sha256:${'a'.repeat(64)}`;
  await prisma.stack.create({ data: { id: stackId, projectId: rootId, name: 'shop' } });
  await prisma.service.create({ data: { id: serviceId, stackId, name: 'web' } });
  const image = { reference: 'r.example/web:1', registry: 'r.example', repository: 'web', digest };
  await prisma.revision.create({
    data: {
      ...{ id: revisionId, serviceId, number: 1, stackVersion: 1, specHash: 'x', createdBy: 'admin' },
      spec: ServiceSpec.parse({ image: image.reference }),
      sealedEnvironment: cluster.cluster.keys.seal('{"SECRET":"canary"}', SEALED.environment(revisionId)),
      pin: { kind: 'digest', ...image },
    },
  });
  return {
    ...{ cluster, server, serviceId, revisionId, digest },
    joined: async (name) => join(server.url, cluster.caPem, await cluster.token(), name),
    assign: async (nodeId, over = {}) => {
      const id = uuid();
      await database.transaction(async (tx) => {
        await tx.task.create({
          data: { id, serviceId, revisionId, slot: 1, nodeId, state: 'assigned', ...over },
        });
        await raiseGenerations(tx, { nodeIds: [nodeId] });
      });
      return id;
    },
    taskRow: (id) => prisma.task.findUniqueOrThrow({ where: { id } }),
    nodeRow: (id) => prisma.node.findUniqueOrThrow({ where: { id } }),
  };
};
