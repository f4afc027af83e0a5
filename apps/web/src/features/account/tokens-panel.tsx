'use client';
import type { CallOutput, routes } from '@portreeve/contract';
import { type ReactNode, useState } from 'react';
import type { Seen } from '../../live/queries.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Gate } from '../../ui/gate.tsx';
import { ListBar } from '../../ui/list-bar.tsx';
import type { ListState } from '../../ui/list-state.ts';
import { Panel, Panels } from '../../ui/panel.tsx';
import { RowActions } from '../../ui/row-actions.tsx';
import { Status } from '../../ui/status.tsx';
import { Teach } from '../../ui/teach.tsx';
import { When } from '../../ui/when.tsx';
import { ShownOnce } from '../access/shown-once.tsx';
import type { MadeToken } from './new-token.tsx';

type Tokens = CallOutput<typeof routes.session.tokens>;
type Token = Tokens['items'][number];
type Props = {
  of: Seen<Tokens>;
  list: ListState;
  revoke: (id: string) => Promise<unknown>;
  /** What a token may that is not narrowed. */
  may: string;
  lack?: string | undefined;
  newToken: (onMade: (made: MadeToken) => void) => ReactNode;
  /** What tokens are for, where there is none. */
  teach: string;
};

type RevokeProps = { token: Token; revoke: Props['revoke']; lack: string | undefined };
const Revoke = ({ token, revoke, lack }: RevokeProps) => (
  <Confirm
    label="Revoke"
    title={`Revoke ${token.name}`}
    danger
    disabledReason={lack}
    run={() => revoke(token.id)}
  >
    Whatever uses it is refused from its next request on.
  </Confirm>
);

const Expiry = ({ at }: { at: string | null }) => {
  if (at === null) return 'never';
  return Date.parse(at) < Date.now() ? <Status tone="off">expired</Status> : <When at={at} as="until" />;
};

const columnsOf = ({ revoke, may, lack }: Props): Column<Token>[] => [
  { key: 'name', title: 'Name', sort: 'name', cell: (token) => <b>{token.name}</b> },
  { key: 'project', title: 'In project', sort: 'project', cell: (token) => token.projectPath },
  {
    key: 'scope',
    title: 'May',
    cell: (token) =>
      token.permissions.length === 0 ? may : <span className="mono">{token.permissions.join(', ')}</span>,
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
        <Revoke token={token} revoke={revoke} lack={lack} />
      </RowActions>
    ),
    fit: true,
  },
];

/** Tokens of an account, what each may, and a new one that is shown once. */
export const TokensPanel = (props: Props) => {
  const { of, list, newToken, teach } = props;
  const [made, setMade] = useState<MadeToken | null>(null);
  return (
    <Panels>
      {made && (
        <ShownOnce
          title={`The token ${made.name}, shown once`}
          label="Token"
          secret={made.token}
          onClose={() => setMade(null)}
        >
          Sent as “authorization: Bearer …”. Only a hash of it is kept here.
        </ShownOnce>
      )}
      <Panel title="Tokens" aside={newToken(setMade)}>
        <ListBar list={list} placeholder="Filter by name or project" />
        <Gate of={of}>
          {(data) => (
            <DataTable
              label="Tokens"
              columns={columnsOf(props)}
              rows={data.items}
              rowKey={(token) => token.id}
              list={list}
              next={data.next}
              total={data.total}
              empty={<Teach title={list.query.search ? 'No token matches' : 'No token yet'}>{teach}</Teach>}
            />
          )}
        </Gate>
      </Panel>
    </Panels>
  );
};
