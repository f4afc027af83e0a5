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

type Volume = CallOutput<typeof routes.volumes.list>['items'][number];

const Remove = ({ volume }: { volume: Volume }) => {
  const remove = useAction(routes.volumes.remove);
  const lack = useLack('volume.edit');
  const used = volume.usedBy.length > 0;
  return (
    <Confirm
      label="Remove"
      title={`Remove ${volume.stackName}/${volume.name}`}
      danger
      typeName={volume.name}
      disabledReason={lack ?? (used ? 'Services use it: take it out of their stack first.' : undefined)}
      run={() => remove.mutateAsync({ params: { id: volume.id }, body: { name: volume.name } })}
    >
      {volume.node
        ? `The volume and all data in it on ${volume.node.name} are lost for good.`
        : 'No host holds it yet, so no data is lost.'}
    </Confirm>
  );
};

const COLUMNS: readonly Column<Volume>[] = [
  {
    key: 'name',
    title: 'Volume',
    sort: 'name',
    cell: (volume) => (
      <>
        <span className="dim">{volume.stackName}/</span>
        <b>{volume.name}</b>
      </>
    ),
  },
  { key: 'project', wide: true, title: 'Project', cell: (volume) => volume.projectPath },
  {
    key: 'node',
    title: 'On node',
    sort: 'node',
    cell: (volume) =>
      volume.node ? (
        <Link href={paths.node(volume.node.id)}>{volume.node.name}</Link>
      ) : (
        <span className="dim">not made yet</span>
      ),
  },
  { key: 'used', title: 'Used by', cell: (volume) => <UsedBy of={volume.usedBy} /> },
  { key: 'driver', wide: true, title: 'Driver', cell: (volume) => volume.driver },
  {
    key: 'engine',
    wide: true,
    title: 'At the engine',
    cell: (volume) => <span className="mono">{volume.engineName}</span>,
  },
  {
    key: 'created',
    title: 'Made',
    sort: 'createdAt',
    cell: (volume) => <When at={volume.createdAt} as="ago" />,
    fit: true,
  },
  {
    key: 'do',
    title: '',
    cell: (volume) => (
      <RowActions>
        <Remove volume={volume} />
      </RowActions>
    ),
    fit: true,
  },
];

export const VolumesPage = () => {
  const project = useProject();
  const list = useListState();
  const volumes = useWatch(routes.volumes.list, { query: { ...list.query, project } });
  return (
    <>
      <PageHead
        crumbs={[{ text: projectName(project), to: paths.overview({ project }) }]}
        title="Volumes"
        status={
          <span className="dim">a volume lives on one host; the task that uses it goes where it is</span>
        }
      />
      <ListBar list={list} placeholder="Filter by name" />
      <Gate of={volumes}>
        {(data) => (
          <DataTable
            label="Volumes"
            columns={COLUMNS}
            rows={data.items}
            rowKey={(volume) => volume.id}
            list={list}
            next={data.next}
            total={data.total}
            empty={
              list.query.search ? (
                <Teach title="No volume matches">Clear the filter to see all.</Teach>
              ) : (
                <Teach
                  title={noneYet('volume', project)}
                  action={<Link href={paths.deploy({ project })}>Deploy a stack</Link>}
                >
                  Volumes come with stacks, and stay when a stack is removed unless you say otherwise.
                </Teach>
              )
            }
          />
        )}
      </Gate>
    </>
  );
};
