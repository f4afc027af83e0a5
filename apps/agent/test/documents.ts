import { randomUUID } from 'node:crypto';
import type { AssignedTask, DesiredDocument } from '@portreeve/agent-protocol';
import { type ImagePin, ServiceSpec } from '@portreeve/domain';
import type { z } from 'zod';

type SpecInput = Partial<z.input<typeof ServiceSpec>>;

export type TaskWish = Partial<Omit<AssignedTask, 'spec'>> & { pin: ImagePin; spec?: SpecInput };

/** A task as a server would assign it; what a test does not say has the plainest value. */
export const task = (wish: TaskWish): AssignedTask => {
  const taskId = wish.taskId ?? randomUUID();
  return {
    taskId,
    serviceId: randomUUID(),
    stackId: randomUUID(),
    projectId: randomUUID(),
    revisionId: randomUUID(),
    revisionNumber: 1,
    names: { project: '/shop', stack: 'shop', service: 'web' },
    slot: 1,
    desired: 'running',
    hold: false,
    containerName: `shop-web-${taskId.slice(0, 8)}`,
    volumes: [],
    networks: [],
    ports: [],
    configs: [],
    secrets: [],
    ...wish,
    spec: ServiceSpec.parse({ image: wish.pin.reference, ...wish.spec }),
  };
};

/** A document of that node with those tasks. */
export const document = (
  node: { clusterId: string; nodeId: string },
  generation: number,
  tasks: AssignedTask[],
  more: Partial<DesiredDocument> = {},
): DesiredDocument => ({
  clusterId: node.clusterId,
  nodeId: node.nodeId,
  epoch: 1,
  generation,
  issuedAt: new Date().toISOString(),
  availability: 'active',
  hostAddress: '10.0.0.1',
  vxlanPort: 4790,
  tasks,
  networks: [],
  registries: [],
  keepImages: [],
  ...more,
});
