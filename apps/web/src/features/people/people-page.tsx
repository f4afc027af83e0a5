'use client';
import { routes, type UserView } from '@portreeve/contract';
import { useState } from 'react';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Gate } from '../../ui/gate.tsx';
import { Link } from '../../ui/link.tsx';
import { ListBar } from '../../ui/list-bar.tsx';
import { useListState } from '../../ui/list-state.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Panels } from '../../ui/panel.tsx';
import { Teach } from '../../ui/teach.tsx';
import { When } from '../../ui/when.tsx';
import { type Made, NewPerson } from './new-person.tsx';
import { OneTimePassword } from './one-time-password.tsx';
import { PersonStatus, sourceOf } from './person-words.tsx';

const STATES = [
  { value: 'enabled', text: 'enabled' },
  { value: 'disabled', text: 'disabled' },
];

const COLUMNS: readonly Column<UserView>[] = [
  {
    key: 'name',
    title: 'Person',
    sort: 'name',
    cell: (person) => (
      <span>
        <Link className="apart" href={paths.person(person.id)}>
          {person.name}
        </Link>{' '}
        <span className="dim">{person.displayName}</span>
      </span>
    ),
  },
  { key: 'state', title: 'State', cell: (person) => <PersonStatus of={person} /> },
  { key: 'from', title: 'From', cell: sourceOf },
  { key: 'email', title: 'E-mail', cell: (person) => person.email, hidden: true },
  {
    key: 'codes',
    title: 'Codes',
    cell: (person) =>
      person.directory ? (
        <span className="dim">there</span>
      ) : person.twoFactor ? (
        'on'
      ) : (
        <span className="dim">off</span>
      ),
    wide: true,
  },
  { key: 'teams', title: 'Teams', cell: (person) => person.teams },
  {
    key: 'grants',
    title: 'Own grants',
    cell: (person) => (person.administrator ? <b>everything</b> : person.grants),
  },
  { key: 'sessions', title: 'Sessions', cell: (person) => person.sessions, wide: true },
  { key: 'tokens', title: 'Tokens', cell: (person) => person.tokens, wide: true },
  {
    key: 'seen',
    title: 'Last sign-in',
    sort: 'lastSignInAt',
    cell: (person) =>
      person.lastSignInAt ? <When at={person.lastSignInAt} as="ago" /> : <span className="dim">never</span>,
    fit: true,
  },
];

/** Everybody who has an account: of a directory or of the console itself. */
export const PeoplePage = () => {
  const list = useListState();
  const state = STATES.find(({ value }) => value === list.read('state'))?.value as UserState;
  const people = useWatch(routes.users.list, { query: { ...list.query, state } });
  const [made, setMade] = useState<Made | null>(null);
  return (
    <>
      <PageHead title="People" actions={<NewPerson onMade={setMade} />} />
      <Panels>
        <OneTimePassword of={made} onClose={() => setMade(null)} />
        <div>
          <ListBar
            list={list}
            placeholder="Filter by name or address"
            chips={{ name: 'state', options: STATES }}
          />
          <Gate of={people} lines={10}>
            {(data) => (
              <DataTable
                label="People"
                columns={COLUMNS}
                rows={data.items}
                rowKey={(person) => person.id}
                rowTo={(person) => paths.person(person.id)}
                list={list}
                next={data.next}
                total={data.total}
                empty={<Teach title="Nobody matches">Clear the filter to see all.</Teach>}
              />
            )}
          </Gate>
        </div>
      </Panels>
    </>
  );
};
type UserState = 'enabled' | 'disabled' | undefined;
