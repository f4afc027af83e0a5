'use client';
import { type RegistryView, routes } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Gate } from '../../ui/gate.tsx';
import { ListBar } from '../../ui/list-bar.tsx';
import { type ListState, useListState } from '../../ui/list-state.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Panels } from '../../ui/panel.tsx';
import { RowActions } from '../../ui/row-actions.tsx';
import { Status } from '../../ui/status.tsx';
import { Teach } from '../../ui/teach.tsx';
import { When } from '../../ui/when.tsx';
import { noneYet, projectName, useProject } from '../projects/project.ts';
import { useLack } from '../session/lack.ts';
import { EditRegistry, NewRegistry, RemoveRegistry } from './registry-form.tsx';
import { RegistryTest } from './registry-test.tsx';

const Actions = ({ registry, list }: { registry: RegistryView; list: ListState }) => (
  <RowActions>
    <ActionButton
      disabledReason={useLack('registry.edit')}
      onClick={() => list.filter({ test: registry.id, cursor: list.query.cursor })}
    >
      Test
    </ActionButton>
    <EditRegistry registry={registry} />
    <RemoveRegistry registry={registry} />
  </RowActions>
);

const columnsOf = (list: ListState): Column<RegistryView>[] => [
  { key: 'host', title: 'Registry', sort: 'host', cell: (registry) => <b>{registry.host}</b> },
  { key: 'project', title: 'Project', cell: (registry) => registry.projectPath },
  {
    key: 'user',
    title: 'Signs in as',
    cell: (registry) =>
      registry.username ? (
        <>
          {registry.username}
          {!registry.hasPassword && <span className="dim">, without a password</span>}
        </>
      ) : (
        <span className="dim">nobody</span>
      ),
  },
  {
    key: 'trust',
    title: 'Transport',
    cell: (registry) => {
      if (registry.plainHttp) return <Status tone="warn">plain HTTP</Status>;
      return registry.hasCa ? 'TLS, its own CA' : 'TLS';
    },
  },
  {
    key: 'private',
    title: 'Private address',
    cell: (registry) => (registry.allowPrivateAddress ? 'allowed' : <span className="dim">refused</span>),
  },
  {
    key: 'created',
    title: 'Added',
    sort: 'createdAt',
    cell: (registry) => <When at={registry.createdAt} as="ago" />,
    fit: true,
  },
  { key: 'do', title: '', cell: (registry) => <Actions registry={registry} list={list} />, fit: true },
];

/** Where images come from, and with which credentials. */
export const RegistriesPage = () => {
  const project = useProject();
  const list = useListState();
  const registries = useWatch(routes.registries.list, { query: { ...list.query, project } });
  const tested = registries.data?.items.find((registry) => registry.id === list.read('test'));
  return (
    <>
      <PageHead
        crumbs={[{ text: projectName(project), to: paths.overview({ project }) }]}
        title="Registries"
        actions={<NewRegistry />}
      />
      <Panels>
        {tested && (
          <RegistryTest
            key={tested.id}
            registry={tested}
            onClose={() => list.filter({ test: undefined, cursor: list.query.cursor })}
          />
        )}
        <div>
          <ListBar list={list} placeholder="Filter by host" />
          <Gate of={registries}>
            {(data) => (
              <DataTable
                label="Registries"
                columns={columnsOf(list)}
                rows={data.items}
                rowKey={(registry) => registry.id}
                list={list}
                next={data.next}
                total={data.total}
                empty={
                  list.query.search ? (
                    <Teach title="No registry matches">Clear the filter to see all.</Teach>
                  ) : (
                    <Teach title={noneYet('registry', project)}>
                      Public images need none. Add one for private images: its credentials are kept encrypted,
                      and only stacks of its project can use them.
                    </Teach>
                  )
                }
              />
            )}
          </Gate>
        </div>
      </Panels>
    </>
  );
};
