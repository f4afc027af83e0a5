'use client';
import { routes } from '@portreeve/contract';
import type { CallOutput } from '../../lib/call.ts';
import { paths } from '../../lib/paths.ts';
import { useAction, useWatch } from '../../live/queries.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Gate } from '../../ui/gate.tsx';
import { Link } from '../../ui/link.tsx';
import { ListBar } from '../../ui/list-bar.tsx';
import { useListState } from '../../ui/list-state.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { RowActions } from '../../ui/row-actions.tsx';
import { Teach } from '../../ui/teach.tsx';
import { When } from '../../ui/when.tsx';
import { UsedBy } from '../files/used-by.tsx';
import { noneYet, projectName, useProject } from '../projects/project.ts';
import { useLack } from '../session/lack.ts';

type Network = CallOutput<typeof routes.networks.list>['items'][number];

const Remove = ({ network }: { network: Network }) => {
  const remove = useAction(routes.networks.remove);
  const lack = useLack('network.edit');
  const used = network.usedBy.length > 0;
  return (
    <Confirm
      label="Remove"
      title={`Remove ${network.stackName}/${network.name}`}
      danger
      disabledReason={lack ?? (used ? 'Services use it: take it out of their stack first.' : undefined)}
      run={() => remove.mutateAsync({ params: { id: network.id } })}
    >
      Removes the network from every host. Its addresses {network.subnet} can be given to another one.
    </Confirm>
  );
};

const COLUMNS: readonly Column<Network>[] = [
  {
    key: 'name',
    title: 'Network',
    sort: 'name',
    cell: (network) => (
      <>
        <span className="dim">{network.stackName}/</span>
        <b>{network.name}</b>
      </>
    ),
  },
  { key: 'project', wide: true, title: 'Project', cell: (network) => network.projectPath },
  {
    key: 'subnet',
    title: 'Addresses',
    sort: 'subnet',
    cell: (network) => <span className="mono">{network.subnet}</span>,
    fit: true,
  },
  { key: 'taken', title: 'In use', sort: 'addresses', cell: (network) => network.addresses },
  { key: 'nodes', title: 'On nodes', cell: (network) => network.nodes },
  {
    key: 'reach',
    title: 'Reaches',
    cell: (network) =>
      network.internal ? 'its own tasks only' : <span className="dim">its tasks and outside</span>,
    fit: true,
  },
  { key: 'used', title: 'Used by', cell: (network) => <UsedBy of={network.usedBy} /> },
  { key: 'vni', title: 'VNI', cell: (network) => network.vni, hidden: true },
  {
    key: 'created',
    title: 'Made',
    sort: 'createdAt',
    cell: (network) => <When at={network.createdAt} as="ago" />,
    hidden: true,
  },
  {
    key: 'do',
    title: '',
    cell: (network) => (
      <RowActions>
        <Remove network={network} />
      </RowActions>
    ),
    fit: true,
  },
];

export const NetworksPage = () => {
  const project = useProject();
  const list = useListState();
  const networks = useWatch(routes.networks.list, { query: { ...list.query, project } });
  return (
    <>
      <PageHead
        crumbs={[{ text: projectName(project), to: paths.overview({ project }) }]}
        title="Networks"
        status={
          <span className="dim">each reaches over all hosts that hold its tasks, with nobody in charge</span>
        }
      />
      <ListBar list={list} placeholder="Filter by name or address" />
      <Gate of={networks}>
        {(data) => (
          <DataTable
            label="Networks"
            columns={COLUMNS}
            rows={data.items}
            rowKey={(network) => network.id}
            list={list}
            next={data.next}
            total={data.total}
            empty={
              list.query.search ? (
                <Teach title="No network matches">Clear the filter to see all.</Teach>
              ) : (
                <Teach
                  title={noneYet('network', project)}
                  action={<Link href={paths.deploy({ project })}>Deploy a stack</Link>}
                >
                  Networks come with stacks: each gets one of its own, and those its Compose file names.
                </Teach>
              )
            }
          />
        )}
      </Gate>
    </>
  );
};
