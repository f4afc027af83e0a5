'use client';
import { routes } from '@portreeve/contract';
import type { CallOutput } from '../../lib/call.ts';
import { useAction, useWatch } from '../../live/queries.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Gate } from '../../ui/gate.tsx';
import { ListBar } from '../../ui/list-bar.tsx';
import { useListState } from '../../ui/list-state.ts';
import { Panel } from '../../ui/panel.tsx';
import { RowActions } from '../../ui/row-actions.tsx';
import { Status } from '../../ui/status.tsx';
import { When } from '../../ui/when.tsx';

type Session = CallOutput<typeof routes.session.sessions>['items'][number];

/** `Firefox on Linux` of what a browser says of itself; the whole of it stands in the title. */
const BROWSERS = ['Edg', 'Firefox', 'Chrome', 'Safari', 'curl'];
const SYSTEMS = ['Windows', 'Android', 'iPhone', 'Mac OS X', 'Linux'];
const browserOf = (agent: string): string => {
  const browser = BROWSERS.find((each) => agent.includes(each));
  const system = SYSTEMS.find((each) => agent.includes(each));
  if (!browser) return agent || 'unknown';
  return `${browser === 'Edg' ? 'Edge' : browser}${system ? ` on ${system}` : ''}`;
};

const End = ({ session }: { session: Session }) => {
  const end = useAction(routes.session.endSession);
  if (session.current) return <Status tone="ok">this one</Status>;
  return (
    <Confirm label="End" danger run={() => end.mutateAsync({ params: { id: session.id } })}>
      Whoever uses this session has to sign in again.
    </Confirm>
  );
};

const COLUMNS: readonly Column<Session>[] = [
  {
    key: 'browser',
    title: 'Browser',
    cell: (session) => <b title={session.userAgent}>{browserOf(session.userAgent)}</b>,
  },
  {
    key: 'address',
    title: 'From',
    sort: 'address',
    cell: (session) => <span className="mono">{session.address}</span>,
  },
  {
    key: 'began',
    title: 'Signed in',
    sort: 'createdAt',
    cell: (session) => <When at={session.createdAt} as="ago" />,
    fit: true,
  },
  {
    key: 'seen',
    title: 'Last used',
    sort: 'seenAt',
    cell: (session) => <When at={session.seenAt} as="ago" />,
    fit: true,
  },
  { key: 'ends', title: 'Ends', cell: (session) => <When at={session.expiresAt} as="until" />, fit: true },
  {
    key: 'do',
    title: '',
    cell: (session) => (
      <RowActions>
        <End session={session} />
      </RowActions>
    ),
    fit: true,
  },
];

/** Where one is signed in. */
export const SessionsTab = () => {
  const list = useListState();
  const sessions = useWatch(routes.session.sessions, { query: list.query });
  const endOthers = useAction(routes.session.endOthers);
  const others = sessions.data?.next || sessions.data?.items.some((session) => !session.current);
  return (
    <Panel
      title="Where you are signed in"
      aside={
        <Confirm
          label="End all others"
          danger
          disabledReason={others ? undefined : 'There is no other.'}
          run={() => endOthers.mutateAsync({})}
        >
          You stay signed in here only.
        </Confirm>
      }
    >
      <ListBar list={list} placeholder="Filter by address or browser" />
      <Gate of={sessions}>
        {(data) => (
          <DataTable
            label="Sessions"
            columns={COLUMNS}
            rows={data.items}
            rowKey={(session) => session.id}
            list={list}
            next={data.next}
            total={data.total}
            empty={<span className="dim">No session matches.</span>}
          />
        )}
      </Gate>
    </Panel>
  );
};
