'use client';
import { type RoleView, routes } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Gate } from '../../ui/gate.tsx';
import { Link } from '../../ui/link.tsx';
import { ListBar } from '../../ui/list-bar.tsx';
import { useListState } from '../../ui/list-state.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Teach } from '../../ui/teach.tsx';
import { NewRole } from './role-forms.tsx';

const COLUMNS: readonly Column<RoleView>[] = [
  {
    key: 'name',
    title: 'Role',
    sort: 'name',
    cell: (role) => <Link href={paths.role(role.id)}>{role.name}</Link>,
    fit: true,
  },
  { key: 'description', title: 'What it is for', cell: (role) => role.description },
  {
    key: 'made',
    title: 'Kind',
    cell: (role) => {
      if (role.builtIn) return <span className="dim">built in</span>;
      return role.copiedFrom ? `your own, from ${role.copiedFrom.name}` : 'your own';
    },
  },
  { key: 'permissions', title: 'Permissions', cell: (role) => role.permissions.length },
  { key: 'grants', title: 'Grants', sort: 'grants', cell: (role) => role.grants },
];

/** Named sets of permissions, built-in ones and one's own. */
export const RolesPage = () => {
  const list = useListState();
  const roles = useWatch(routes.roles.list, { query: list.query });
  return (
    <>
      <PageHead title="Roles" actions={<NewRole />} />
      <ListBar list={list} placeholder="Filter by name" />
      <Gate of={roles}>
        {(data) => (
          <DataTable
            label="Roles"
            columns={COLUMNS}
            rows={data.items}
            rowKey={(role) => role.id}
            rowTo={(role) => paths.role(role.id)}
            list={list}
            next={data.next}
            total={data.total}
            empty={<Teach title="No role matches">Clear the filter to see all.</Teach>}
          />
        )}
      </Gate>
    </>
  );
};
