'use client';
import { type GrantView, routes } from '@portreeve/contract';
import { useWatch } from '../../live/queries.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Gate } from '../../ui/gate.tsx';
import { ListBar } from '../../ui/list-bar.tsx';
import { useListState } from '../../ui/list-state.ts';
import { Panel, Panels } from '../../ui/panel.tsx';
import { Teach } from '../../ui/teach.tsx';
import { AskProject } from '../access/ask-project.tsx';
import { PermissionAnswerList } from '../access/permission-answers.tsx';
import { GRANT_COLUMNS } from '../grants/grant-columns.tsx';
import { useProject } from '../projects/project.ts';
import { useMe } from '../session/signed-in.tsx';

const { ends, used, by, why } = GRANT_COLUMNS;
/** Without links: who may do something need not see roles and teams. */
const COLUMNS: readonly Column<GrantView>[] = [
  { key: 'role', title: 'Role', sort: 'role', cell: ({ role }) => <b>{role.name}</b> },
  { key: 'where', title: 'In project and below', sort: 'project', cell: ({ projectPath }) => projectPath },
  {
    key: 'through',
    title: 'Through',
    cell: ({ subject }) => (subject.kind === 'team' ? `team ${subject.name}` : 'your own'),
  },
  ends,
  used,
  by,
  why,
];

/** What one may do, where, and through what. */
export const RightsTab = () => {
  const { administrator } = useMe();
  const project = useProject();
  const list = useListState('grants.');
  const grants = useWatch(routes.ownRights.grants, { query: list.query });
  const rights = useWatch(routes.ownRights.permissions, { query: { project } });
  return (
    <Panels>
      <Panel title="What I was granted">
        <ListBar list={list} placeholder="Filter by role, project or reason" />
        <Gate of={grants} lines={3}>
          {(data) => (
            <DataTable
              label="My grants"
              columns={COLUMNS}
              rows={data.items}
              rowKey={({ id }) => id}
              list={list}
              next={data.next}
              total={data.total}
              empty={
                <Teach title={list.query.search ? 'No grant matches' : 'No grant'}>
                  {administrator
                    ? 'You need none: the recovery administrator may do everything everywhere.'
                    : 'Ask an administrator of a project for a role in it.'}
                </Teach>
              }
            />
          )}
        </Gate>
      </Panel>
      <Panel title={`What I may do in ${project}, and why`}>
        <AskProject label="In project" />
        <Gate of={rights} lines={12}>
          {({ answers }) => <PermissionAnswerList answers={answers} />}
        </Gate>
      </Panel>
    </Panels>
  );
};
