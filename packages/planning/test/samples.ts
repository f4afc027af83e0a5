import { UpdatePolicy } from '@portreeve/domain';
import type {
  PlacementNode,
  PlacementRequest,
  RevisionView,
  RolloutView,
  ServiceSnapshot,
  TaskView,
} from '../src/index.ts';

export const GIB = 2 ** 30;

/** An empty, ready node of the root project. */
export const node = (name: string, more: Partial<PlacementNode> = {}): PlacementNode => ({
  id: name,
  name,
  version: 1,
  projectPath: '/',
  keptFrom: [],
  state: 'ready',
  availability: 'active',
  labels: {},
  engineLabels: {},
  os: 'linux',
  architecture: 'amd64',
  capacity: { cpus: 4, memoryBytes: 4 * GIB, pids: 10_000 },
  reserved: { cpus: 0, memoryBytes: 0, pids: 0 },
  usedPorts: [],
  foreignPorts: [],
  tasksOfService: {},
  taskCount: 0,
  images: new Set(),
  crossHostNetworks: { able: true },
  engineReachable: true,
  features: [],
  ...more,
});

/** A task of `web` that asks for nothing in particular. */
export const request = (more: Partial<PlacementRequest> = {}): PlacementRequest => ({
  taskId: 't1',
  serviceId: 'web',
  serviceName: 'web',
  slot: 1,
  projectPath: '/shop',
  constraints: [],
  spreadOver: [],
  strategy: 'spread',
  reservations: {},
  ports: [],
  volumes: [],
  needsCrossHostNetwork: false,
  needsFeatures: [],
  avoidNodeIds: [],
  freed: [],
  ...more,
});

/** A task of slot 1 on revision `r1` that has been ready since second 0. */
export const task = (id: string, more: Partial<TaskView> = {}): TaskView => {
  const state = more.state ?? 'running';
  const ready = more.ready ?? state === 'running';
  return {
    id,
    slot: 1,
    revisionId: 'r1',
    nodeId: 'n1',
    desired: 'running',
    state,
    ready,
    ...(ready && { readySince: 0 }),
    hold: false,
    imageReady: state !== 'pending',
    createdAt: 0,
    attempts: 1,
    hasLocalVolume: false,
    node: 'ready',
    publishesHostPort: false,
    ...more,
  };
};

/** One ready task on `r1` for each slot from 1 to `count`. */
export const readyTasks = (count: number, more: Partial<TaskView> = {}): TaskView[] =>
  Array.from({ length: count }, (_, i) =>
    task(`old-${i + 1}`, { slot: i + 1, nodeId: `n${i + 1}`, ...more }),
  );

export const revision = (id: string, more: Partial<UpdatePolicy> = {}, rest: Partial<RevisionView> = {}) =>
  ({
    id,
    number: Number(id.slice(1)),
    update: UpdatePolicy.parse(more),
    rollback: UpdatePolicy.parse({}),
    oneShot: false,
    ...rest,
  }) satisfies RevisionView;

/** A rollout from `r1` to `r2` that began at second 100. */
export const rollout = (more: Partial<RolloutView> = {}): RolloutView => ({
  id: 'rollout',
  state: 'running',
  fromRevisionId: 'r1',
  toRevisionId: 'r2',
  startedAt: 100_000,
  failedSlots: [],
  ...more,
});

/** A replicated service on `r1` that wants as many slots as it has. */
export const snapshot = (
  more: Partial<Omit<ServiceSnapshot, 'service'>> & { service?: Partial<ServiceSnapshot['service']> } = {},
): ServiceSnapshot => {
  const { service, ...rest } = more;
  const tasks = rest.tasks ?? [];
  return {
    revisions: [revision('r1'), revision('r2')],
    tasks,
    globalNodeIds: [],
    slotFailures: [],
    ...rest,
    service: {
      id: 'web',
      name: 'web',
      mode: 'replicated',
      desired: 'running',
      replicas: new Set(tasks.map(({ slot }) => slot)).size,
      currentRevisionId: 'r1',
      dependenciesMet: true,
      waitingFor: [],
      rollsAfter: [],
      ...service,
    },
  };
};
