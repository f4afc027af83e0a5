'use client';
import { routes } from '@portreeve/contract';
import type { CallOutput } from '../../lib/call.ts';
import { useAction, useWatch } from '../../live/queries.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Gate } from '../../ui/gate.tsx';
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
  { key: 'address', title: 'From', cell: (session) => <span className="mono">{session.address}</span> },
  {
    key: 'began',
    title: 'Signed in',
    cell: (session) => <When at={session.createdAt} as="ago" />,
    fit: true,
  },
  { key: 'seen', title: 'Last used', cell: (session) => <When at={session.seenAt} as="ago" />, fit: true },
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
  const sessions = useWatch(routes.session.sessions, {});
  const endOthers = useAction(routes.session.endOthers);
  const others = sessions.data?.items.some((session) => !session.current);
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
      <Gate of={sessions}>
        {({ items }) => (
          <DataTable label="Sessions" columns={COLUMNS} rows={items} rowKey={(session) => session.id} />
        )}
      </Gate>
    </Panel>
  );
};
