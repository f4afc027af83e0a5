'use client';
import { routes, type TeamMemberView, type TeamView } from '@portreeve/contract';
import { useState } from 'react';
import { paths } from '../../lib/paths.ts';
import { useAction, useWatch } from '../../live/queries.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Gate } from '../../ui/gate.tsx';
import { Link } from '../../ui/link.tsx';
import { ListBar } from '../../ui/list-bar.tsx';
import { useListState } from '../../ui/list-state.ts';
import { Panel } from '../../ui/panel.tsx';
import { RowActions } from '../../ui/row-actions.tsx';
import { Status } from '../../ui/status.tsx';
import { Teach } from '../../ui/teach.tsx';
import { When } from '../../ui/when.tsx';
import { Sources } from '../access/sources.tsx';
import { useLack } from '../session/lack.ts';
import { PersonField } from './person-field.tsx';

type Props = { team: TeamView };

const AddMember = ({ team }: Props) => {
  const add = useAction(routes.teams.addMember);
  const [user, setUser] = useState<string | null>(null);
  return (
    <Confirm
      label="Add somebody"
      title={`Add somebody to ${team.name}`}
      disabledReason={useLack('team.edit')}
      notYet={user === null ? 'Choose somebody.' : undefined}
      run={async () => user && add.mutateAsync({ params: { id: team.id, user } })}
      onDone={() => setUser(null)}
    >
      <PersonField onChange={setUser} />
    </Confirm>
  );
};

const RemoveMember = ({ team, member }: Props & { member: TeamMemberView }) => {
  const remove = useAction(routes.teams.removeMember);
  const lack = useLack('team.edit');
  const byHand = member.sources.some(({ kind }) => kind === 'hand');
  const byRule = member.sources.some(({ kind }) => kind === 'rule');
  return (
    <Confirm
      label="Take out"
      title={`Take ${member.name} out of ${team.name}`}
      danger
      disabledReason={
        lack ?? (byHand ? undefined : 'A rule of a directory puts them in; the directory decides.')
      }
      run={() => remove.mutateAsync({ params: { id: team.id, user: member.id } })}
    >
      {byRule
        ? 'They stay in the team by a rule of a directory; only the membership made by hand ends.'
        : 'They lose what the grants of the team gave them, at once.'}
    </Confirm>
  );
};

const columnsOf = (team: TeamView): Column<TeamMemberView>[] => [
  {
    key: 'name',
    title: 'Person',
    sort: 'name',
    cell: (member) => (
      <span>
        <Link className="apart" href={paths.person(member.id)}>
          {member.name}
        </Link>{' '}
        <span className="dim">{member.displayName}</span>
      </span>
    ),
  },
  {
    key: 'state',
    title: 'State',
    cell: (member) =>
      member.disabled ? <Status tone="off">disabled</Status> : <Status tone="ok">enabled</Status>,
  },
  { key: 'source', title: 'In it', cell: (member) => <Sources of={member.sources} /> },
  {
    key: 'since',
    title: 'Since',
    sort: 'since',
    cell: (member) => <When at={member.since} as="clock" />,
    fit: true,
    wide: true,
  },
  {
    key: 'do',
    title: '',
    cell: (member) => (
      <RowActions>
        <RemoveMember team={team} member={member} />
      </RowActions>
    ),
    fit: true,
  },
];

/** Who is in a team, and what put each of them in. */
export const Members = ({ team }: Props) => {
  const list = useListState();
  const members = useWatch(routes.teams.members, { params: { id: team.id }, query: list.query });
  return (
    <Panel title="People" aside={<AddMember team={team} />}>
      <ListBar list={list} placeholder="Filter by name" />
      <Gate of={members}>
        {(data) => (
          <DataTable
            label="People of the team"
            columns={columnsOf(team)}
            rows={data.items}
            rowKey={(member) => member.id}
            rowTo={(member) => paths.person(member.id)}
            list={list}
            next={data.next}
            total={data.total}
            empty={
              <Teach title={list.query.search ? 'Nobody matches' : 'Nobody yet'}>
                Add people by hand, or let a rule take in a group of a directory.
              </Teach>
            }
          />
        )}
      </Gate>
    </Panel>
  );
};
