'use client';
import { routes, type ServiceAccountView } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Gate } from '../../ui/gate.tsx';
import { Link } from '../../ui/link.tsx';
import { ListBar } from '../../ui/list-bar.tsx';
import { useListState } from '../../ui/list-state.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Status } from '../../ui/status.tsx';
import { Teach } from '../../ui/teach.tsx';
import { When } from '../../ui/when.tsx';
import { noneYet, projectName, useProject } from '../projects/project.ts';
import { NewServiceAccount } from './forms.tsx';

const COLUMNS: readonly Column<ServiceAccountView>[] = [
  {
    key: 'name',
    title: 'Service account',
    sort: 'name',
    cell: (account) => (
      <span>
        <Link className="apart" href={paths.serviceAccount(account.id)}>
          {account.name}
        </Link>{' '}
        <span className="dim">{account.displayName}</span>
      </span>
    ),
  },
  { key: 'project', title: 'Project', sort: 'project', cell: (account) => account.projectPath },
  {
    key: 'state',
    title: 'State',
    cell: ({ disabledAt, tokens }) => {
      if (disabledAt) return <Status tone="off">disabled</Status>;
      return tokens > 0 ? <Status tone="ok">enabled</Status> : <Status tone="held">has no token</Status>;
    },
  },
  { key: 'grants', title: 'Grants', cell: (account) => account.grants },
  { key: 'tokens', title: 'Tokens', cell: (account) => account.tokens },
  {
    key: 'used',
    title: 'Last used',
    cell: ({ lastUsedAt }) =>
      lastUsedAt ? <When at={lastUsedAt} as="ago" /> : <span className="dim">never</span>,
    fit: true,
  },
  {
    key: 'made',
    title: 'Made',
    sort: 'createdAt',
    cell: (account) => <When at={account.createdAt} as="ago" />,
    fit: true,
    wide: true,
  },
];

/** Accounts of programs, each of a project. */
export const ServiceAccountsPage = () => {
  const project = useProject();
  const list = useListState();
  const accounts = useWatch(routes.serviceAccounts.list, { query: { ...list.query, project } });
  return (
    <>
      <PageHead
        crumbs={[{ text: projectName(project), to: paths.overview({ project }) }]}
        title="Service accounts"
        actions={<NewServiceAccount key={project} />}
      />
      <ListBar list={list} placeholder="Filter by name or project" />
      <Gate of={accounts}>
        {(data) => (
          <DataTable
            label="Service accounts"
            columns={COLUMNS}
            rows={data.items}
            rowKey={(account) => account.id}
            rowTo={(account) => paths.serviceAccount(account.id)}
            list={list}
            next={data.next}
            total={data.total}
            empty={
              list.query.search ? (
                <Teach title="No service account matches">Clear the filter to see all.</Teach>
              ) : (
                <Teach title={noneYet('service account', project)}>
                  A pipeline should act as itself, not as a person who may leave: give it an account, a role
                  in its project, and a token that ends.
                </Teach>
              )
            }
          />
        )}
      </Gate>
    </>
  );
};
