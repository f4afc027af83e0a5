'use client';
import { paths } from '../../lib/paths.ts';
import { LinkTabs } from '../../ui/link-tabs.tsx';
import { Fact, PageHead } from '../../ui/page-head.tsx';
import { Panel } from '../../ui/panel.tsx';
import { chosenTab, tabPlaces } from '../../ui/tab-places.ts';
import { PasswordForm } from '../session/password-form.tsx';
import { useMe } from '../session/signed-in.tsx';
import { CodesTab } from './codes-tab.tsx';
import { RightsTab } from './rights-tab.tsx';
import { SessionsTab } from './sessions-tab.tsx';
import { TokensTab } from './tokens-tab.tsx';

const PasswordTab = () => (
  <Panel title="Change the password">
    <div style={{ maxWidth: 420 }}>
      <PasswordForm />
    </div>
  </Panel>
);
const TABS = {
  password: { text: 'Password', Tab: PasswordTab },
  codes: { text: 'Codes', Tab: CodesTab },
  rights: { text: 'What I may do', Tab: RightsTab },
  sessions: { text: 'Sessions', Tab: SessionsTab },
  tokens: { text: 'Tokens', Tab: TokensTab },
};
export const AccountPage = ({ tab }: { tab: string }) => {
  const me = useMe();
  const active = chosenTab(TABS, tab);
  const { Tab } = TABS[active];
  return (
    <>
      <PageHead
        title={me.displayName || me.name}
        meta={
          <>
            <Fact name="signs in as">{me.name}</Fact>
            <Fact name="is">{me.administrator ? 'administrator' : 'no administrator'}</Fact>
          </>
        }
      />
      <LinkTabs label="My account" active={active} tabs={tabPlaces(TABS, paths.account)} />
      <Tab />
    </>
  );
};
