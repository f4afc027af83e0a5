import { type PlacementNode, type PlacementRequest, planPlacement } from '../packages/planning/src/index.ts';
import { publishResults } from './report/publish.ts';
import { figures } from './report/results.ts';

/**
 * What one batch of 10,000 tasks on 5,000 nodes costs, in the shapes that matter: time on the clock, and
 * processor time, which a busy machine does not stretch. Nothing is faked; the planner is pure. No peer can be
 * run at this size on one machine, so there is none beside it.
 */

const RUNS = 5;
const GIB = 2 ** 30;
const NODES = 5_000;
const TASKS = 10_000;
const SERVICES = 500;

const nodes: PlacementNode[] = Array.from({ length: NODES }, (_, i) => ({
  id: `n${i}`,
  name: `node-${String(i).padStart(4, '0')}`,
  version: 1,
  projectPath: '/',
  state: 'ready',
  availability: i % 50 === 0 ? 'cordoned' : 'active',
  labels: { zone: `zone-${i % 3}`, disk: i % 2 === 0 ? 'ssd' : 'hdd' },
  engineLabels: {},
  os: 'linux',
  architecture: 'amd64',
  capacity: { cpus: 16, memoryBytes: 64 * GIB, pids: 30_000 },
  reserved: { cpus: i % 8, memoryBytes: (i % 32) * GIB, pids: 0 },
  usedPorts: [],
  foreignPorts: [],
  keptFrom: [],
  tasksOfService: Object.fromEntries(
    Array.from({ length: 10 }, (_, k) => [`s${(i * 7 + k * 13) % (SERVICES * 2)}`, 1]),
  ),
  taskCount: 10,
  images: new Set(Array.from({ length: 20 }, (_, k) => `image-${(i + k * 31) % 200}`)),
  crossHostNetworks: { able: true },
  engineReachable: true,
  features: [],
}));

const requests = (more: (i: number) => Partial<PlacementRequest>): PlacementRequest[] =>
  Array.from({ length: TASKS }, (_, i) => ({
    taskId: `t${i}`,
    serviceId: `s${i % SERVICES}`,
    serviceName: `service-${i % SERVICES}`,
    slot: Math.floor(i / SERVICES) + 1,
    projectPath: '/shop',
    constraints: [],
    spreadOver: [],
    strategy: 'spread',
    reservations: { cpus: 0.25, memoryBytes: GIB / 2 },
    ports: [],
    volumes: [],
    imageKey: `image-${i % 200}`,
    needsCrossHostNetwork: true,
    needsFeatures: [],
    avoidNodeIds: [],
    freed: [],
    ...more(i),
  }));

const SHAPES: Record<string, PlacementRequest[]> = {
  '500 services of 20': requests(() => ({})),
  'spread over zones, constrained to ssd': requests(() => ({
    spreadOver: ['node.labels.zone'],
    constraints: [{ key: 'node.labels.disk', operator: '==', value: 'ssd' }],
  })),
  'a host port out of a range': requests(() => ({
    ports: [{ target: 80, from: 20_000, to: 20_100, protocol: 'tcp' }],
  })),
  'every task of another size': requests((i) => ({ reservations: { cpus: 0.25, memoryBytes: GIB / 2 + i } })),
  'more than fits': requests(() => ({ reservations: { cpus: 8, memoryBytes: GIB } })),
};

const measure = (batch: PlacementRequest[]): { clock: number; processor: number } => {
  const cpuBefore = process.cpuUsage();
  const before = performance.now();
  planPlacement(batch, nodes);
  const clock = Math.round(performance.now() - before);
  const { user, system } = process.cpuUsage(cpuBefore);
  return { clock, processor: Math.round((user + system) / 1_000) };
};

const rows = Object.entries(SHAPES).flatMap(([shape, batch]) => {
  const runs = Array.from({ length: RUNS }, () => measure(batch));
  return (['clock', 'processor'] as const).map((kind) => {
    const ours = figures(runs.map((run) => run[kind]));
    const name = `${TASKS} placements on ${NODES} nodes, ${shape}: ${kind} time`;
    console.log(`${name.padEnd(90)} ${ours.min} / ${ours.median} / ${ours.max} ms`);
    return { name, unit: 'ms', ours };
  });
});

publishResults('placement', rows);
