'use client';
import { routes } from '@portreeve/contract';
import type { CallOutput } from '../../lib/call.ts';
import { useAction, useWatch } from '../../live/queries.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Gate } from '../../ui/gate.tsx';
import { useListState } from '../../ui/list-state.ts';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem.tsx';
import { RowActions } from '../../ui/row-actions.tsx';
import { Status } from '../../ui/status.tsx';
import { Teach } from '../../ui/teach.tsx';
import { useLack } from '../session/lack.ts';
import { NewChannel } from './new-channel.tsx';

type Channel = CallOutput<typeof routes.alerts.channels>['items'][number];

const Actions = ({ channel }: { channel: Channel }) => {
  const test = useAction(routes.alerts.testChannel);
  const remove = useAction(routes.alerts.removeChannel);
  const disabledReason = useLack('alert.edit');
  const params = { id: channel.id };
  return (
    <RowActions>
      <ActionButton
        disabledReason={disabledReason}
        isLoading={test.isPending}
        onClick={() => test.mutate({ params })}
      >
        Send a test
      </ActionButton>
      <Confirm
        label="Remove"
        title={`Remove ${channel.name}`}
        danger
        disabledReason={disabledReason}
        run={() => remove.mutateAsync({ params })}
      >
        Alerts are no longer sent to {channel.target}. They stay on the overview.
      </Confirm>
      {test.data && (
        <Status tone={test.data.ok ? 'ok' : 'bad'} wrap>
          {test.data.text}
        </Status>
      )}
      <ProblemNote error={test.error} />
    </RowActions>
  );
};

const COLUMNS: readonly Column<Channel>[] = [
  { key: 'name', title: 'Name', cell: (channel) => <b>{channel.name}</b> },
  { key: 'kind', title: 'By', cell: (channel) => (channel.kind === 'email' ? 'e-mail' : 'webhook') },
  { key: 'target', title: 'To', cell: (channel) => <span className="mono">{channel.target}</span> },
  {
    key: 'state',
    title: 'State',
    cell: (channel) => {
      if (!channel.enabled) return <Status tone="off">off</Status>;
      return channel.lastError ? (
        <Status tone="bad" wrap>
          {channel.lastError}
        </Status>
      ) : (
        <Status tone="ok">on</Status>
      );
    },
  },
  { key: 'do', title: '', cell: (channel) => <Actions channel={channel} /> },
];

/** Where alerts are sent, besides the overview. */
export const Channels = () => {
  const list = useListState('channels.');
  const channels = useWatch(routes.alerts.channels, { query: list.query });
  return (
    <Panel title="Where alerts are sent" aside={<NewChannel />}>
      <Gate of={channels} lines={2}>
        {({ items, next }) => (
          <DataTable
            label="Channels"
            columns={COLUMNS}
            rows={items}
            rowKey={(channel) => channel.id}
            list={list}
            next={next}
            empty={
              <Teach title="Nowhere yet">
                Alerts stand on the overview. Add an address or a webhook so that they also reach somebody who
                is not looking.
              </Teach>
            }
          />
        )}
      </Gate>
    </Panel>
  );
};
