'use client';
import { type NodeView, routes } from '@portreeve/contract';
import type { CallOutput } from '../../lib/call.ts';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Gate } from '../../ui/gate.tsx';
import { Link } from '../../ui/link.tsx';
import { Panel, Panels } from '../../ui/panel.tsx';
import { Status } from '../../ui/status.tsx';
import type { Tone } from '../../ui/tone.ts';
import { When } from '../../ui/when.tsx';
import { TakeOver } from './take-over.tsx';

type HostContainer = CallOutput<typeof routes.nodes.containers>['items'][number];
const REFRESH_MS = 5_000;
const TONES: Record<string, Tone> = {
  running: 'ok',
  created: 'held',
  paused: 'held',
  restarting: 'warn',
  dead: 'bad',
};

const COLUMNS: readonly Column<HostContainer>[] = [
  {
    key: 'name',
    title: 'Container',
    cell: (container) =>
      container.taskId ? (
        <Link href={paths.task(container.taskId)}>{container.name}</Link>
      ) : (
        <b>{container.name}</b>
      ),
  },
  { key: 'image', title: 'Image', cell: (container) => <span className="mono">{container.image}</span> },
  {
    key: 'state',
    title: 'State',
    cell: (container) => <Status tone={TONES[container.state] ?? 'off'}>{container.status}</Status>,
  },
  {
    key: 'compose',
    title: 'Compose project',
    cell: (container) =>
      container.composeProject ? (
        `${container.composeProject} / ${container.composeService ?? '?'}`
      ) : (
        <span className="dim">–</span>
      ),
  },
  { key: 'ports', title: 'Ports', cell: (container) => container.ports.join(', ') },
  {
    key: 'created',
    title: 'Made',
    cell: (container) => <When at={container.createdAt} as="ago" />,
    fit: true,
  },
];

const projectsOf = (containers: readonly HostContainer[]): [project: string, count: number][] =>
  [...Map.groupBy(containers, (container) => container.composeProject ?? '')]
    .filter(([project]) => project !== '')
    .map(([project, found]) => [project, found.length]);

type ForeignProps = { node: NodeView; containers: readonly HostContainer[] };
const Foreign = ({ node, containers }: ForeignProps) => (
  <Panel title="Not ours" aside="to look at only: Portreeve never touches them by itself">
    <DataTable
      label="Containers not ours"
      columns={COLUMNS}
      rows={containers}
      rowKey={(container) => container.id}
      empty={<span className="dim">None: every container at this engine is ours.</span>}
    />
    <div style={{ display: 'flex', gap: 8, flexWrap: 'wrap' }}>
      {projectsOf(containers).map(([project, count]) => (
        <TakeOver key={project} nodeId={node.id} composeProject={project} containers={count} />
      ))}
    </div>
  </Panel>
);

/** What its engine has, asked for now; what is not ours is shown, and Compose projects can be taken over. */
export const ContainersTab = ({ node }: { node: NodeView }) => {
  const containers = useWatch(routes.nodes.containers, { params: { id: node.id } }, { everyMs: REFRESH_MS });
  return (
    <Gate of={containers}>
      {(data) => (
        <Panels>
          <Foreign node={node} containers={data.items.filter((container) => !container.ours)} />
          <Panel title="Ours" aside="each belongs to a task">
            <DataTable
              label="Containers of tasks"
              columns={COLUMNS.filter((column) => column.key !== 'compose')}
              rows={data.items.filter((container) => container.ours)}
              rowKey={(container) => container.id}
              empty={<span className="dim">None.</span>}
            />
          </Panel>
        </Panels>
      )}
    </Gate>
  );
};
