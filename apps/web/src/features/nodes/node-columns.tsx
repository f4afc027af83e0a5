import type { NodeSummary } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import type { Column } from '../../ui/data-table.tsx';
import { Link } from '../../ui/link.tsx';
import { Status } from '../../ui/status.tsx';
import { When } from '../../ui/when.tsx';
import { writeLabels } from './labels.ts';
import styles from './node-columns.module.css';
import { nodeStatus } from './node-words.ts';
import { CpuBar, DiskBar, MemoryBar } from './usage.tsx';

export const NodeStatus = ({ node }: { node: NodeSummary }) => {
  const [tone, word] = nodeStatus(node);
  return <Status tone={tone}>{word}</Status>;
};

const mostCommon = (values: readonly string[]): string | undefined =>
  [...Map.groupBy(values, (value) => value)].sort(([, a], [, b]) => b.length - a.length)[0]?.[0];

/** A version that is not the one most hosts have is marked. */
const Version = ({ of, usual }: { of: string; usual: string | undefined }) =>
  of === '' ? (
    <span className="dim">–</span>
  ) : (
    <span
      className={`mono ${of === usual ? '' : styles.drift}`}
      title={of === usual ? undefined : `Most have ${usual}`}
    >
      {of}
    </span>
  );

const BEFORE_VERSIONS: readonly Column<NodeSummary>[] = [
  {
    key: 'name',
    title: 'Node',
    sort: 'name',
    cell: (node) => (
      <Link href={paths.node(node.id)}>
        <b>{node.name}</b>
      </Link>
    ),
  },
  { key: 'state', title: 'State', sort: 'state', cell: (node) => <NodeStatus node={node} />, fit: true },
  {
    key: 'zone',
    wide: true,
    title: 'Zone',
    sort: 'zone',
    cell: (node) => node.zone || <span className="dim">–</span>,
  },
  {
    key: 'cpus',
    title: 'CPU, cores reserved',
    sort: 'cpus',
    cell: (node) => <CpuBar cpus={node.cpus} />,
    fit: true,
  },
  {
    key: 'memory',
    title: 'Memory, GiB reserved',
    sort: 'memory',
    cell: (node) => <MemoryBar memory={node.memory} />,
    fit: true,
  },
  { key: 'disk', title: 'Disk, GiB used', cell: (node) => <DiskBar disk={node.disk} />, fit: true },
  {
    key: 'load',
    wide: true,
    title: 'Load',
    sort: 'load',
    cell: (node) => node.load?.toFixed(1) ?? <span className="dim">–</span>,
  },
  { key: 'tasks', title: 'Tasks', sort: 'tasks', cell: (node) => node.tasks },
];
const AFTER_VERSIONS: readonly Column<NodeSummary>[] = [
  { key: 'project', wide: true, title: 'Project', sort: 'project', cell: (node) => node.projectPath },
  {
    key: 'seen',
    title: 'Last heard',
    sort: 'lastSeenAt',
    cell: (node) => (node.lastSeenAt ? <When at={node.lastSeenAt} as="ago" /> : 'never'),
    fit: true,
    hidden: true,
  },
  {
    key: 'address',
    title: 'Address',
    cell: (node) => <span className="mono">{node.address}</span>,
    hidden: true,
  },
  {
    key: 'labels',
    title: 'Labels',
    cell: (node) => <span className="mono">{writeLabels(node.labels).replaceAll('\n', ' ')}</span>,
    hidden: true,
  },
];

/** Columns of the list; `nodes` say which versions are the usual ones. */
export const nodeColumns = (nodes: readonly NodeSummary[]): Column<NodeSummary>[] => {
  const engine = mostCommon(nodes.map((node) => node.engineVersion).filter(Boolean));
  const agent = mostCommon(nodes.map((node) => node.agentVersion).filter(Boolean));
  return [
    ...BEFORE_VERSIONS,
    {
      key: 'engine',
      wide: true,
      title: 'Engine',
      sort: 'engine',
      cell: (node) => <Version of={node.engineVersion} usual={engine} />,
      fit: true,
    },
    {
      key: 'agent',
      wide: true,
      title: 'Agent',
      sort: 'agent',
      cell: (node) => <Version of={node.agentVersion} usual={agent} />,
      fit: true,
    },
    ...AFTER_VERSIONS,
  ];
};
