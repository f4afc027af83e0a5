'use client';
import { routes, type TeamView } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { LinkTabs } from '../../ui/link-tabs.tsx';
import { ObjectGate } from '../../ui/object-gate.tsx';
import { Fact, PageHead } from '../../ui/page-head.tsx';
import { Panel } from '../../ui/panel.tsx';
import { chosenTab, tabPlaces } from '../../ui/tab-places.ts';
import { Teach } from '../../ui/teach.tsx';
import { When } from '../../ui/when.tsx';
import { GrantList } from '../grants/grant-list.tsx';
import { NewGrant } from '../grants/new-grant.tsx';
import { Members } from './members.tsx';
import { Rules } from './rules.tsx';
import { EditTeam, RemoveTeam } from './team-forms.tsx';

type Props = { team: TeamView };

const Grants = ({ team }: Props) => (
  <Panel title="Grants">
    <GrantList
      label="Grants of the team"
      of={{ team: team.id }}
      without={['who']}
      empty={<Teach title="No grant yet">Grant it a role in a project: everybody in it may then.</Teach>}
    />
  </Panel>
);
const TABS = {
  people: { text: 'People', Tab: Members },
  rules: { text: 'Rules of directories', Tab: Rules },
  grants: { text: 'Grants', Tab: Grants },
};

const Head = ({ team }: Props) => (
  <PageHead
    crumbs={[{ text: 'Teams', to: paths.teams() }]}
    title={team.name}
    status={<span className="dim">{team.description}</span>}
    meta={
      <>
        <Fact name="people">{team.members}</Fact>
        <Fact name="rules of directories">{team.rules}</Fact>
        <Fact name="grants">{team.grants}</Fact>
        <Fact name="made">
          <When at={team.createdAt} as="ago" />
        </Fact>
      </>
    }
    actions={
      <>
        <EditTeam key={team.version} team={team} />
        <RemoveTeam team={team} />
        <NewGrant to={{ kind: 'team', id: team.id, name: team.name, displayName: team.description }} />
      </>
    }
  />
);

/** One team: who is in it and why, and what it may do where. */
export const TeamPage = ({ id, tab }: { id: string; tab: string }) => {
  const team = useWatch(routes.teams.get, { params: { id } });
  const active = chosenTab(TABS, tab);
  const { Tab } = TABS[active];
  return (
    <ObjectGate of={team} kind="Team" home={{ text: 'Teams', to: paths.teams() }}>
      {(data) => (
        <>
          <Head team={data} />
          <LinkTabs label={data.name} active={active} tabs={tabPlaces(TABS, (key) => paths.team(id, key))} />
          <Tab team={data} />
        </>
      )}
    </ObjectGate>
  );
};
