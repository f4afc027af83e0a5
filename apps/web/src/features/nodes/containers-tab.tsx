'use client';
import { type NodeView, routes } from '@portreeve/contract';
import type { CallOutput } from '../../lib/call.ts';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Gate } from '../../ui/gate.tsx';
import { Link } from '../../ui/link.tsx';
import { ListBar } from '../../ui/list-bar.tsx';
import { useListState } from '../../ui/list-state.ts';
import { Panel, Panels } from '../../ui/panel.tsx';
import { ShortId } from '../../ui/short-id.tsx';
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

/** A name by digest is too long to read: the digest is told apart by its ends, and copied whole. */
const ImageName = ({ of }: { of: string }) => {
  const [name = of, digest] = of.split('@');
  return (
    <>
      <span className="mono">{name}</span> {digest && <ShortId id={digest} />}
    </>
  );
};

const COLUMNS: readonly Column<HostContainer>[] = [
  {
    key: 'name',
    title: 'Container',
    sort: 'name',
    cell: (container) =>
      container.taskId ? (
        <Link href={paths.task(container.taskId)}>{container.name}</Link>
      ) : (
        <b>{container.name}</b>
      ),
  },
  {
    key: 'image',
    title: 'Image',
    sort: 'image',
    cell: (container) => <ImageName of={container.image} />,
  },
  {
    key: 'state',
    title: 'State',
    sort: 'state',
    cell: (container) => <Status tone={TONES[container.state] ?? 'off'}>{container.status}</Status>,
  },
  {
    key: 'compose',
    title: 'Compose project',
    sort: 'compose',
    cell: (container) =>
      container.composeProject ? (
        `${container.composeProject} / ${container.composeService ?? '?'}`
      ) : (
        <span className="dim">–</span>
      ),
  },
  {
    key: 'ours',
    title: 'Whose',
    cell: (container) => (container.ours ? 'ours' : <span className="dim">not ours</span>),
    fit: true,
  },
  { key: 'ports', title: 'Ports', cell: (container) => container.ports.join(', ') },
  {
    key: 'created',
    title: 'Made',
    sort: 'createdAt',
    cell: (container) => <When at={container.createdAt} as="ago" />,
    fit: true,
  },
];

const projectsOf = (containers: readonly HostContainer[]): [project: string, count: number][] =>
  [...Map.groupBy(containers, (container) => container.composeProject ?? '')]
    .filter(([project]) => project !== '')
    .map(([project, found]) => [project, found.length]);

const OURS = [
  { value: 'no', text: 'not ours' },
  { value: 'yes', text: 'ours' },
] as const;
const oursOf = (text: string | undefined) => OURS.find(({ value }) => value === text)?.value ?? 'all';
const MOST = 500;

/** Compose projects at this engine that no stack of ours runs: each can become one. */
const Foreign = ({ node }: { node: NodeView }) => {
  const query = { limit: MOST, ours: 'no' } as const;
  const { data } = useWatch(routes.nodes.containers, { params: { id: node.id }, query });
  const projects = projectsOf(data?.items ?? []);
  if (projects.length === 0) return null;
  return (
    <Panel title="Compose projects that are not ours" aside="they can be taken over, volumes and all">
      <div style={{ display: 'flex', gap: 8, flexWrap: 'wrap' }}>
        {projects.map(([project, count]) => (
          <TakeOver key={project} nodeId={node.id} composeProject={project} containers={count} />
        ))}
      </div>
    </Panel>
  );
};

/** What its engine has, asked for now; what is not ours is shown, and Compose projects can be taken over. */
export const ContainersTab = ({ node }: { node: NodeView }) => {
  const list = useListState();
  const ours = oursOf(list.read('ours'));
  const containers = useWatch(
    routes.nodes.containers,
    { params: { id: node.id }, query: { ...list.query, ours } },
    { everyMs: REFRESH_MS },
  );
  return (
    <Panels>
      <Foreign node={node} />
      <Panel
        title="Containers"
        aside="those not ours are only looked at: Portreeve never touches them by itself"
      >
        <ListBar list={list} placeholder="Filter by name or image" chips={{ name: 'ours', options: OURS }} />
        <Gate of={containers}>
          {(data) => (
            <DataTable
              label="Containers"
              columns={COLUMNS}
              rows={data.items}
              rowKey={(container) => container.id}
              list={list}
              next={data.next}
              total={data.total}
              empty={<span className="dim">None.</span>}
            />
          )}
        </Gate>
      </Panel>
    </Panels>
  );
};
