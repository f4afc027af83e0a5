'use client';
import { type CallOutput, type GrantView, routes } from '@portreeve/contract';
import { useState } from 'react';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Link } from '../../ui/link.tsx';
import { LinkTabs } from '../../ui/link-tabs.tsx';
import { ObjectGate } from '../../ui/object-gate.tsx';
import { Fact, PageHead } from '../../ui/page-head.tsx';
import { Panel, Panels } from '../../ui/panel.tsx';
import { chosenTab, tabPlaces } from '../../ui/tab-places.ts';
import { When } from '../../ui/when.tsx';
import { Sources } from '../access/sources.tsx';
import { GRANT_COLUMNS } from '../grants/grant-columns.tsx';
import type { Made } from './new-person.tsx';
import { OneTimePassword } from './one-time-password.tsx';
import { PersonActions } from './person-actions.tsx';
import { PersonRights } from './person-rights.tsx';
import { PersonStatus, sourceOf } from './person-words.tsx';

type Props = { person: CallOutput<typeof routes.users.get> };
type Membership = Props['person']['memberships'][number];

const TEAMS: readonly Column<Membership>[] = [
  {
    key: 'team',
    title: 'Team',
    cell: ({ team }) => <Link href={paths.team(team.id)}>{team.name}</Link>,
  },
  { key: 'source', title: 'In it', cell: ({ sources }) => <Sources of={sources} /> },
];
const { role, where, ends, used, by, why, do: end } = GRANT_COLUMNS;
const GRANTS: readonly Column<GrantView>[] = [
  role,
  where,
  {
    key: 'through',
    title: 'Through',
    cell: ({ subject }) =>
      subject.kind === 'team' ? (
        <span>
          <span className="dim">team</span>{' '}
          <Link className="apart" href={paths.team(subject.id)}>
            {subject.name}
          </Link>
        </span>
      ) : (
        <span className="dim">their own</span>
      ),
  },
  ends,
  used,
  by,
  why,
  end,
];

const Held = ({ person }: Props) => (
  <Panels>
    <Panel title="Teams" aside={`${person.memberships.length}`}>
      <DataTable
        label="Teams of the person"
        columns={TEAMS}
        rows={person.memberships}
        rowKey={({ team }) => team.id}
        empty={<span className="dim">In no team.</span>}
      />
    </Panel>
    <Panel title="Grants" aside="their own and those of their teams">
      <DataTable
        label="Grants of the person"
        columns={GRANTS}
        rows={person.held}
        rowKey={({ id }) => id}
        empty={
          <span className="dim">
            {person.administrator
              ? 'None, and none is needed: the recovery administrator may do everything everywhere.'
              : 'None that you may see.'}
          </span>
        }
      />
    </Panel>
  </Panels>
);
const TABS = {
  held: { text: 'Teams and grants', Tab: Held },
  rights: { text: 'What they may do', Tab: PersonRights },
};

const Head = ({ person, onMade }: Props & { onMade: (made: Made) => void }) => (
  <PageHead
    crumbs={[{ text: 'People', to: paths.people() }]}
    title={person.displayName || person.name}
    status={<PersonStatus of={person} wrap />}
    meta={
      <>
        <Fact name="signs in as">{person.name}</Fact>
        <Fact name="account of">{sourceOf(person)}</Fact>
        {person.administrator && <Fact>recovery administrator</Fact>}
        {person.email && <Fact name="e-mail">{person.email}</Fact>}
        {!person.directory && <Fact name="codes">{person.twoFactor ? 'on' : 'off'}</Fact>}
        <Fact name="last sign-in">
          {person.lastSignInAt ? <When at={person.lastSignInAt} as="ago" /> : 'never'}
        </Fact>
        <Fact name="sessions">{person.sessions}</Fact>
        <Fact name="tokens">{person.tokens}</Fact>
        {person.directoryDn && (
          <Fact name="entry">
            <span className="mono">{person.directoryDn}</span>
          </Fact>
        )}
      </>
    }
    actions={<PersonActions person={person} onMade={onMade} />}
  />
);

/** One account: who it is, where it comes from, and what it may do and why. */
export const PersonPage = ({ id, tab }: { id: string; tab: string }) => {
  const person = useWatch(routes.users.get, { params: { id } });
  const [made, setMade] = useState<Made | null>(null);
  const active = chosenTab(TABS, tab);
  const { Tab } = TABS[active];
  return (
    <ObjectGate of={person} kind="Person" home={{ text: 'People', to: paths.people() }}>
      {(data) => (
        <>
          <Head person={data} onMade={setMade} />
          <LinkTabs
            label={data.name}
            active={active}
            tabs={tabPlaces(TABS, (key) => paths.person(id, key))}
          />
          <Panels>
            <OneTimePassword of={made} onClose={() => setMade(null)} />
            <Tab person={data} />
          </Panels>
        </>
      )}
    </ObjectGate>
  );
};
