'use client';
import { ClipboardCopy } from '@patternfly/react-core';
import { routes } from '@portreeve/contract';
import { useState } from 'react';
import type { CallOutput } from '../../lib/call.ts';
import { useAction, useWatch } from '../../live/queries.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Gate } from '../../ui/gate.tsx';
import { ListBar } from '../../ui/list-bar.tsx';
import { useListState } from '../../ui/list-state.ts';
import { Panel, Panels } from '../../ui/panel.tsx';
import { RowActions } from '../../ui/row-actions.tsx';
import { Status } from '../../ui/status.tsx';
import { Teach } from '../../ui/teach.tsx';
import { When } from '../../ui/when.tsx';
import { NewToken } from './new-token.tsx';

type Token = CallOutput<typeof routes.session.tokens>['items'][number];

const Revoke = ({ token }: { token: Token }) => {
  const revoke = useAction(routes.session.revokeToken);
  return (
    <Confirm
      label="Revoke"
      title={`Revoke ${token.name}`}
      danger
      run={() => revoke.mutateAsync({ params: { id: token.id } })}
    >
      Whatever uses it is refused from its next request on.
    </Confirm>
  );
};

const Expiry = ({ at }: { at: string | null }) => {
  if (at === null) return 'never';
  return Date.parse(at) < Date.now() ? <Status tone="off">expired</Status> : <When at={at} as="until" />;
};

const COLUMNS: readonly Column<Token>[] = [
  { key: 'name', title: 'Name', sort: 'name', cell: (token) => <b>{token.name}</b> },
  { key: 'project', title: 'In project', sort: 'project', cell: (token) => token.projectPath },
  {
    key: 'scope',
    title: 'May',
    cell: (token) =>
      token.permissions.length === 0 ? (
        'all that you may'
      ) : (
        <span className="mono">{token.permissions.join(', ')}</span>
      ),
  },
  {
    key: 'made',
    title: 'Made',
    sort: 'createdAt',
    cell: (token) => <When at={token.createdAt} as="ago" />,
    fit: true,
  },
  {
    key: 'used',
    title: 'Last used',
    cell: (token) =>
      token.lastUsedAt ? <When at={token.lastUsedAt} as="ago" /> : <span className="dim">never</span>,
    fit: true,
  },
  { key: 'ends', title: 'Ends', cell: (token) => <Expiry at={token.expiresAt} />, fit: true },
  {
    key: 'do',
    title: '',
    cell: (token) => (
      <RowActions>
        <Revoke token={token} />
      </RowActions>
    ),
    fit: true,
  },
];

/** Tokens of one's own, for CI and scripts. */
export const TokensTab = () => {
  const list = useListState();
  const tokens = useWatch(routes.session.tokens, { query: list.query });
  const [made, setMade] = useState<{ name: string; token: string } | null>(null);
  return (
    <Panels>
      {made && (
        <Panel
          title={`The token ${made.name}, shown once`}
          aside={
            <button type="button" className="quiet" onClick={() => setMade(null)}>
              I have it
            </button>
          }
        >
          <ClipboardCopy isReadOnly hoverTip="Copy" clickTip="Copied" textAriaLabel="Token">
            {made.token}
          </ClipboardCopy>
          <p className="dim" style={{ marginTop: 6 }}>
            Sent as “authorization: Bearer …”. Only a hash of it is kept here.
          </p>
        </Panel>
      )}
      <Panel title="Tokens" aside={<NewToken onMade={setMade} />}>
        <ListBar list={list} placeholder="Filter by name or project" />
        <Gate of={tokens}>
          {(data) => (
            <DataTable
              label="Tokens"
              columns={COLUMNS}
              rows={data.items}
              rowKey={(token) => token.id}
              list={list}
              next={data.next}
              total={data.total}
              empty={
                <Teach title={list.query.search ? 'No token matches' : 'No token yet'}>
                  A token lets a script or a pipeline act in your name, narrowed to what you say. The command
                  line gets its own when it signs in.
                </Teach>
              }
            />
          )}
        </Gate>
      </Panel>
    </Panels>
  );
};
