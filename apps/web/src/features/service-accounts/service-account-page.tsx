'use client';
import { routes, type ServiceAccountView } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { useAction, useWatch } from '../../live/queries.ts';
import { LinkTabs } from '../../ui/link-tabs.tsx';
import { useListState } from '../../ui/list-state.ts';
import { ObjectGate } from '../../ui/object-gate.tsx';
import { Fact, PageHead } from '../../ui/page-head.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Status } from '../../ui/status.tsx';
import { chosenTab, tabPlaces } from '../../ui/tab-places.ts';
import { Teach } from '../../ui/teach.tsx';
import { When } from '../../ui/when.tsx';
import { NewToken } from '../account/new-token.tsx';
import { TokensPanel } from '../account/tokens-panel.tsx';
import { GrantList } from '../grants/grant-list.tsx';
import { NewGrant } from '../grants/new-grant.tsx';
import { useLack } from '../session/lack.ts';
import { DisableServiceAccount, EditServiceAccount, EnableServiceAccount } from './forms.tsx';

type Props = { account: ServiceAccountView };
const ALL = { text: 'All that it may', means: 'Everything the account is granted, now and later.' };

const Tokens = ({ account }: Props) => {
  const list = useListState();
  const params = { id: account.id };
  const tokens = useWatch(routes.serviceAccounts.tokens, { params, query: list.query });
  const create = useAction(routes.serviceAccounts.createToken);
  const revoke = useAction(routes.serviceAccounts.revokeToken);
  const lack = useLack('service-account.edit');
  const disabled = account.disabledAt ? 'The account is disabled.' : undefined;
  return (
    <TokensPanel
      of={tokens}
      list={list}
      may="all that it was granted"
      lack={lack}
      revoke={(token) => revoke.mutateAsync({ params: { ...params, token } })}
      newToken={(onMade) => (
        <NewToken
          all={ALL}
          project={account.projectPath}
          disabledReason={lack ?? disabled}
          onMade={onMade}
          create={(body) => create.mutateAsync({ params, body })}
        />
      )}
      teach="Without a token it cannot sign in. A token is shown once, ends by itself, and may no more than you may."
    />
  );
};

const Grants = ({ account }: Props) => (
  <Panel title="Grants">
    <GrantList
      label="Grants of the service account"
      of={{ user: account.id }}
      without={['who']}
      empty={<Teach title="No grant yet">It may nothing before it is granted a role in a project.</Teach>}
    />
  </Panel>
);
const TABS = { tokens: { text: 'Tokens', Tab: Tokens }, grants: { text: 'Grants', Tab: Grants } };

const Head = ({ account }: Props) => {
  const { id, name, displayName } = account;
  return (
    <PageHead
      crumbs={[
        { text: 'Service accounts', to: paths.serviceAccounts() },
        { text: account.projectPath, to: paths.project(account.projectId) },
      ]}
      title={name}
      status={
        account.disabledAt ? (
          <Status tone="off" wrap>
            disabled{account.disabledWhy && `: ${account.disabledWhy}`}
          </Status>
        ) : (
          <span className="dim">{displayName}</span>
        )
      }
      meta={
        <>
          <Fact name="tokens">{account.tokens}</Fact>
          <Fact name="grants">{account.grants}</Fact>
          <Fact name="last used">
            {account.lastUsedAt ? <When at={account.lastUsedAt} as="ago" /> : 'never'}
          </Fact>
          <Fact name="made">
            <When at={account.createdAt} as="ago" />
          </Fact>
        </>
      }
      actions={
        <>
          <EditServiceAccount key={account.version} account={account} />
          {account.disabledAt ? (
            <EnableServiceAccount account={account} />
          ) : (
            <DisableServiceAccount account={account} />
          )}
          <NewGrant to={{ kind: 'service-account', id, name, displayName }} in={account.projectPath} />
        </>
      }
    />
  );
};

/** The account of a program: its tokens and what it may. */
export const ServiceAccountPage = ({ id, tab }: { id: string; tab: string }) => {
  const account = useWatch(routes.serviceAccounts.get, { params: { id } });
  const active = chosenTab(TABS, tab);
  const { Tab } = TABS[active];
  return (
    <ObjectGate
      of={account}
      kind="Service account"
      home={{ text: 'Service accounts', to: paths.serviceAccounts() }}
    >
      {(data) => (
        <>
          <Head account={data} />
          <LinkTabs
            label={data.name}
            active={active}
            tabs={tabPlaces(TABS, (key) => paths.serviceAccount(id, key))}
          />
          <Tab account={data} />
        </>
      )}
    </ObjectGate>
  );
};
