import type { AgentFigures } from '@portreeve/agent-protocol';
import type { NodePressure } from '@portreeve/domain';
import { Counter, Gauge, Registry } from 'prom-client';
import type { LiveNode } from '../agents/live-figures.ts';
import type { NodeRow } from './nodes.store.ts';

type Labels = Record<string, string>;
type Metric = { name: string; help: string; values: [Labels, number][] };

const one = (name: string, help: string, value: number | undefined): Metric[] =>
  value === undefined ? [] : [{ name, help, values: [[{}, value]] }];
const seconds = (moment: string | Date | null | undefined): number | undefined =>
  moment ? new Date(moment).getTime() / 1_000 : undefined;

/** What the rows and the connection say, whether the agent answers or not. */
const standing = (node: NodeRow, live: LiveNode | undefined): Metric[] => {
  const { facts } = node;
  const info = { agent: facts?.agentVersion ?? '', engine: facts?.engine.version ?? '' };
  return [
    ...one('portreeve_node_up', '1 while its agent is connected', node.connectedTo === null ? 0 : 1),
    {
      name: 'portreeve_node_state',
      help: '1 with the state and availability it is in',
      values: [[{ state: node.state, availability: node.availability }, 1]],
    },
    { name: 'portreeve_node_info', help: '1 with its versions', values: [[info, 1]] },
    ...one(
      'portreeve_node_last_heard_timestamp_seconds',
      'When its agent was last heard',
      seconds(live?.heardAt ?? node.lastSeenAt),
    ),
    ...one('portreeve_node_cpu_cores', 'Cores it has', facts?.capacity.cpus),
    ...one('portreeve_node_cpu_reserved_cores', 'Cores its tasks have reserved', node.cpus),
    ...one('portreeve_node_memory_reserved_bytes', 'Memory its tasks have reserved', node.memoryBytes),
    ...one('portreeve_node_engine_up', '1 while its engine answers', facts?.engine.reachable ? 1 : 0),
  ];
};

const pressureOf = (pressure: NodePressure): Metric[] => {
  const disks = (size: (disk: NodePressure['disks'][number]) => number): [Labels, number][] =>
    pressure.disks.map((disk) => [{ path: disk.path }, size(disk)]);
  const skewMs = pressure.clockSkewMs;
  return [
    ...one('portreeve_node_load1', 'Load average over a minute', pressure.load1),
    ...one('portreeve_node_cpu_used_cores', 'Cores in use', pressure.cpuUsed),
    ...one('portreeve_node_memory_used_bytes', 'Memory in use', pressure.memoryUsedBytes),
    ...one('portreeve_node_memory_bytes', 'Memory it has', pressure.memoryTotalBytes),
    {
      name: 'portreeve_node_disk_used_bytes',
      help: 'Bytes in use',
      values: disks(({ usedBytes }) => usedBytes),
    },
    {
      name: 'portreeve_node_disk_bytes',
      help: 'Size of the disk',
      values: disks(({ totalBytes }) => totalBytes),
    },
    ...one(
      'portreeve_node_clock_skew_seconds',
      "Its clock against the server's",
      skewMs === undefined ? undefined : skewMs / 1_000,
    ),
  ];
};

const ofAgent = (figures: AgentFigures): Metric[] => [
  {
    name: 'portreeve_node_containers',
    help: "Containers by the engine's state; managed: of our tasks",
    values: (figures.containers ?? []).map(({ state, ours, count }) => [
      { state, managed: ours ? 'yes' : 'no' },
      count,
    ]),
  },
  {
    name: 'portreeve_node_tasks',
    help: 'Tasks by state, as its agent has them',
    values: Object.entries(figures.tasks).map(([state, count]) => [{ state }, count]),
  },
  ...one(
    'portreeve_node_task_attempts',
    'Attempts of the tasks that are there; beyond one each they were restarts',
    figures.attempts,
  ),
  {
    name: 'portreeve_agent_outbox',
    help: 'What its agent has still to tell the server',
    values: Object.entries(figures.outbox).map(([kind, count]) => [{ kind }, count]),
  },
  ...one('portreeve_agent_servers', 'Servers its agent knows and would turn to', figures.servers),
  ...one('portreeve_agent_resident_bytes', 'Memory of the agent', figures.residentBytes),
  ...one('portreeve_agent_start_timestamp_seconds', 'When the agent started', seconds(figures.startedAt)),
  ...one(
    'portreeve_agent_certificate_expires_timestamp_seconds',
    'When the certificate that the agent has expires',
    seconds(figures.certificateExpiresAt),
  ),
];

/** The figures of one node in the words of Prometheus. Without an answer of its agent there is what the server knows. */
export const renderNodeMetrics = async (
  node: NodeRow,
  live: LiveNode | undefined,
  figures: AgentFigures | undefined,
): Promise<{ contentType: string; text: string }> => {
  const registry = new Registry();
  registry.setDefaultLabels({ node: node.name, node_id: node.id });
  const registers = [registry];
  const pressure = figures?.pressure ?? live?.pressure;
  const metrics = [
    ...standing(node, live),
    ...(pressure ? pressureOf(pressure) : []),
    ...(figures ? ofAgent(figures) : []),
  ];
  for (const { name, help, values } of metrics) {
    const labelNames = Object.keys(values[0]?.[0] ?? {});
    const gauge = new Gauge({ name, help, labelNames, registers });
    for (const [labels, value] of values) gauge.set(labels, value);
  }
  if (figures)
    new Counter({
      name: 'portreeve_agent_reconnects_total',
      help: 'Connections of the agent that stood again after one had ended, since it started',
      registers,
    }).inc(figures.reconnects);
  return { contentType: registry.contentType, text: await registry.metrics() };
};
