'use client';
import { type NodeSummary, routes } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { ButtonLink } from '../../ui/button-link.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import { Gate } from '../../ui/gate.tsx';
import { ListBar } from '../../ui/list-bar.tsx';
import { useListState } from '../../ui/list-state.ts';
import { Fact, PageHead } from '../../ui/page-head.tsx';
import { Status } from '../../ui/status.tsx';
import { Teach } from '../../ui/teach.tsx';
import { noneYet, projectName, useProject } from '../projects/project.ts';
import { useMay } from '../session/signed-in.tsx';
import { nodeColumns } from './node-columns.tsx';
import { nodeStatus } from './node-words.ts';
import { CpuBar, hotSentences, Legend, MemoryBar, together } from './usage.tsx';
import { ZoneMap } from './zone-map.tsx';

const STATES = ['ready', 'cordoned', 'draining', 'unknown', 'lost', 'joining'].map((value) => ({
  value,
  text: value,
}));

const Heard = ({ nodes }: { nodes: readonly NodeSummary[] }) => {
  const heard = nodes.filter((node) => node.agentConnected).length;
  const well =
    heard === nodes.length && nodes.every((node) => ['ok', 'busy', 'held'].includes(nodeStatus(node)[0]));
  return (
    <Status tone={well ? 'ok' : 'warn'}>
      {heard === nodes.length ? `all ${heard} heard from` : `${heard} of ${nodes.length} heard from`}
    </Status>
  );
};

const Totals = ({ nodes }: { nodes: readonly NodeSummary[] }) => {
  const { cpus, memory } = together(nodes);
  return (
    <>
      <Fact name="CPU">
        <CpuBar cpus={cpus} unit=" cores reserved" />
      </Fact>
      <Fact name="Memory">
        <MemoryBar memory={memory} unit=" GiB reserved" />
      </Fact>
      <Fact name="Tasks">{nodes.reduce((sum, node) => sum + node.tasks, 0)}</Fact>
    </>
  );
};

/** Why it is not simply in use, what its agent found, and what is nearly all used. */
const noteOf = (node: NodeSummary): string =>
  [node.why, ...node.findings, ...hotSentences(node)].filter(Boolean).join(' ');

export const NodesPage = () => {
  const project = useProject();
  const list = useListState();
  const state = list.read('state');
  const nodes = useWatch(routes.nodes.list, { query: { ...list.query, project, state } });
  const mayJoin = useMay('node.join');
  const add = mayJoin && <ButtonLink to={paths.addNode()} text="Add node" primary />;
  const filtered = Boolean(list.query.search || state);
  // Sums and the map are of all nodes or not shown: figures of one page would mislead.
  const all = !filtered && !nodes.data?.next && !list.query.cursor ? (nodes.data?.items ?? []) : [];
  return (
    <>
      <PageHead
        crumbs={[{ text: projectName(project), to: paths.overview({ project }) }]}
        title="Nodes"
        status={all.length > 0 && <Heard nodes={all} />}
        meta={all.length > 0 && <Totals nodes={all} />}
        actions={add}
      />
      {all.length > 1 && <ZoneMap nodes={all} />}
      <ListBar
        list={list}
        placeholder="Filter by name, address, label"
        chips={{ name: 'state', options: STATES }}
      />
      <Gate of={nodes}>
        {(data) => (
          <DataTable
            label="Nodes"
            columns={nodeColumns(data.items)}
            rows={data.items}
            rowKey={(node) => node.id}
            rowTo={(node) => paths.node(node.id)}
            note={noteOf}
            list={list}
            next={data.next}
            total={data.total}
            empty={
              filtered ? (
                <Teach title="No node matches">Clear the filter to see all.</Teach>
              ) : (
                <Teach title={noneYet('node', project)} action={add || undefined}>
                  A node is a host with an agent. One command on the host, and it shows here.
                </Teach>
              )
            }
          />
        )}
      </Gate>
      {(nodes.data?.items.length ?? 0) > 0 && <Legend />}
    </>
  );
};
