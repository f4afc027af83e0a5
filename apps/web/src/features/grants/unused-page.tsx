'use client';
import { routes, type UnusedGrant } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Gate } from '../../ui/gate.tsx';
import { ListBar } from '../../ui/list-bar.tsx';
import { useListState } from '../../ui/list-state.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Teach } from '../../ui/teach.tsx';
import { projectName, useProject } from '../projects/project.ts';
import { GRANT_COLUMNS } from './grant-columns.tsx';
import { GrantTabs } from './grant-tabs.tsx';

const DAYS = [
  { value: '30', text: '30 days' },
  { value: '180', text: '180 days' },
  { value: '365', text: '1 year' },
];
const { who, role, where, used, do: end } = GRANT_COLUMNS;
const COLUMNS: readonly Column<UnusedGrant>[] = [
  who,
  role,
  where,
  {
    key: 'unused',
    title: 'Not used of it',
    cell: ({ unused, permissions }) =>
      unused.length === permissions ? (
        <b>nothing was used</b>
      ) : (
        <span>
          {unused.length} of {permissions}: <span className="mono">{unused.join(', ')}</span>
        </span>
      ),
  },
  used,
  end,
];

/** Rights that were granted and that nobody has used for long: what could be taken away unnoticed. */
export const UnusedPage = () => {
  const project = useProject();
  const list = useListState();
  const days = Number(list.read('days') ?? 90);
  const unused = useWatch(routes.grants.unused, { query: { ...list.query, project, days } });
  return (
    <>
      <PageHead
        crumbs={[{ text: projectName(project), to: paths.overview({ project }) }]}
        title="Unused rights"
        status={<span className="dim">what could be taken away and nobody would notice</span>}
      />
      <GrantTabs active="unused" />
      <ListBar
        list={list}
        placeholder="Filter by who, role or project"
        chips={{ name: 'days', options: DAYS, all: '90 days' }}
      />
      <Gate of={unused}>
        {(data) => (
          <DataTable
            label="Unused rights"
            columns={COLUMNS}
            rows={data.items}
            rowKey={(grant) => grant.id}
            list={list}
            next={data.next}
            total={data.total}
            empty={
              <Teach title={list.query.search ? 'No grant matches' : 'Everything that was granted is used'}>
                A grant is counted from its day on: one that is younger than {days} days is not here yet.
              </Teach>
            }
          />
        )}
      </Gate>
    </>
  );
};
