'use client';
import { routes, type TeamView } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Gate } from '../../ui/gate.tsx';
import { Link } from '../../ui/link.tsx';
import { ListBar } from '../../ui/list-bar.tsx';
import { useListState } from '../../ui/list-state.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Teach } from '../../ui/teach.tsx';
import { When } from '../../ui/when.tsx';
import { NewTeam } from './team-forms.tsx';

const COLUMNS: readonly Column<TeamView>[] = [
  {
    key: 'name',
    title: 'Team',
    sort: 'name',
    cell: (team) => (
      <span>
        <Link className="apart" href={paths.team(team.id)}>
          {team.name}
        </Link>{' '}
        <span className="dim">{team.description}</span>
      </span>
    ),
  },
  { key: 'members', title: 'People', sort: 'members', cell: (team) => team.members },
  {
    key: 'rules',
    title: 'Filled by',
    cell: (team) =>
      team.rules === 0 ? (
        <span className="dim">hand</span>
      ) : (
        `${team.rules} ${team.rules === 1 ? 'rule' : 'rules'} of directories`
      ),
  },
  { key: 'grants', title: 'Grants', sort: 'grants', cell: (team) => team.grants },
  {
    key: 'made',
    title: 'Made',
    sort: 'createdAt',
    cell: (team) => <When at={team.createdAt} as="ago" />,
    fit: true,
  },
];

/** Groups of people that roles are granted to. */
export const TeamsPage = () => {
  const list = useListState();
  const teams = useWatch(routes.teams.list, { query: list.query });
  return (
    <>
      <PageHead title="Teams" actions={<NewTeam />} />
      <ListBar list={list} placeholder="Filter by name" />
      <Gate of={teams}>
        {(data) => (
          <DataTable
            label="Teams"
            columns={COLUMNS}
            rows={data.items}
            rowKey={(team) => team.id}
            rowTo={(team) => paths.team(team.id)}
            list={list}
            next={data.next}
            total={data.total}
            empty={
              list.query.search ? (
                <Teach title="No team matches">Clear the filter to see all.</Teach>
              ) : (
                <Teach title="No team yet">
                  Make one, put people into it by hand or by a rule of a directory, and grant it a role in a
                  project: whoever joins may, whoever leaves may no more.
                </Teach>
              )
            }
          />
        )}
      </Gate>
    </>
  );
};
