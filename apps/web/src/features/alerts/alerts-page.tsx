'use client';
import { type AlertView, routes } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { useAction, useWatch } from '../../live/queries.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Gate } from '../../ui/gate.tsx';
import { Link } from '../../ui/link.tsx';
import { ListBar } from '../../ui/list-bar.tsx';
import { useListState } from '../../ui/list-state.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Panel, Panels } from '../../ui/panel.tsx';
import { RowActions } from '../../ui/row-actions.tsx';
import { Status } from '../../ui/status.tsx';
import { SEVERITY_TONE } from '../../ui/tone.ts';
import { When } from '../../ui/when.tsx';
import { projectName, useProject } from '../projects/project.ts';
import { useLack } from '../session/lack.ts';
import { Channels } from './channels.tsx';

const SHOWN = [
  { value: 'no', text: 'over' },
  { value: 'all', text: 'open and over' },
] as const;
const openOf = (text: string | undefined): 'yes' | 'no' | 'all' =>
  text === 'no' || text === 'all' ? text : 'yes';

const Acknowledge = ({ alert }: { alert: AlertView }) => {
  const acknowledge = useAction(routes.alerts.acknowledge);
  const lack = useLack('alert.edit');
  if (alert.acknowledgedBy) return <span className="dim">seen by {alert.acknowledgedBy}</span>;
  if (alert.endedAt) return null;
  return (
    <Confirm
      label="I have seen it"
      disabledReason={lack}
      run={() => acknowledge.mutateAsync({ params: { id: alert.id } })}
    >
      It stays here until its cause is gone, with your name on it, so that others know that somebody looks.
    </Confirm>
  );
};

const COLUMNS: readonly Column<AlertView>[] = [
  {
    key: 'message',
    title: 'Alert',
    sort: 'severity',
    cell: (alert) => (
      <Status tone={alert.endedAt ? 'off' : SEVERITY_TONE[alert.severity]} wrap>
        {alert.path ? <Link href={alert.path}>{alert.message}</Link> : alert.message}
      </Status>
    ),
  },
  { key: 'severity', title: 'Severity', cell: (alert) => alert.severity, hidden: true },
  { key: 'kind', title: 'Kind', sort: 'kind', cell: (alert) => alert.kind.replaceAll('-', ' ') },
  {
    key: 'since',
    title: 'Since',
    sort: 'since',
    cell: (alert) => <When at={alert.since} as="ago" />,
    fit: true,
  },
  {
    key: 'ended',
    title: 'Over',
    cell: (alert) =>
      alert.endedAt ? <When at={alert.endedAt} as="ago" /> : <span className="dim">not yet</span>,
    fit: true,
  },
  {
    key: 'do',
    title: '',
    cell: (alert) => (
      <RowActions>
        <Acknowledge alert={alert} />
      </RowActions>
    ),
    fit: true,
  },
];

/** What is wrong now, what was, and where that is sent. */
export const AlertsPage = () => {
  const project = useProject();
  const list = useListState();
  const open = openOf(list.read('open'));
  const alerts = useWatch(routes.alerts.list, { query: { ...list.query, project, open } });
  return (
    <>
      <PageHead crumbs={[{ text: projectName(project), to: paths.overview({ project }) }]} title="Alerts" />
      <Panels>
        <div>
          <ListBar
            list={list}
            placeholder="Words in it"
            chips={{ name: 'open', options: SHOWN, all: 'open' }}
          />
          <Gate of={alerts}>
            {(data) => (
              <DataTable
                label="Alerts"
                columns={COLUMNS}
                rows={data.items}
                rowKey={(alert) => alert.id}
                rowTo={(alert) => alert.path ?? paths.alerts()}
                note={(alert) => alert.hint}
                list={list}
                next={data.next}
                total={data.total}
                empty={
                  <Panel>
                    <Status tone="ok">
                      {open === 'yes' && !list.query.search ? 'No alert is open.' : 'No alert matches.'}
                    </Status>
                  </Panel>
                }
              />
            )}
          </Gate>
        </div>
        <Channels />
      </Panels>
    </>
  );
};
