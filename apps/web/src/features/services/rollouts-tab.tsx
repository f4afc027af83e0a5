'use client';
import { type RolloutSummary, routes, type ServiceView } from '@portreeve/contract';
import { formatDuration } from '@portreeve/domain';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Gate } from '../../ui/gate.tsx';
import { Link } from '../../ui/link.tsx';
import { useListState } from '../../ui/list-state.ts';
import { Panel, Panels } from '../../ui/panel.tsx';
import { Status } from '../../ui/status.tsx';
import { Teach } from '../../ui/teach.tsx';
import { ROLLOUT_TONE } from '../../ui/tone.ts';
import { When } from '../../ui/when.tsx';
import { RolloutPanel } from '../rollouts/rollout-panel.tsx';

const COLUMNS: readonly Column<RolloutSummary>[] = [
  {
    key: 'number',
    title: 'Rollout',
    cell: (rollout) => <Link href={paths.rollout(rollout.id)}>{rollout.number}</Link>,
  },
  {
    key: 'state',
    title: 'State',
    cell: (rollout) => <Status tone={ROLLOUT_TONE[rollout.state]}>{rollout.state}</Status>,
  },
  {
    key: 'revision',
    title: 'Revision',
    cell: (rollout) =>
      `${rollout.fromRevision === null ? '' : `${rollout.fromRevision} → `}${rollout.toRevision}`,
    fit: true,
  },
  { key: 'turned', title: 'Turned', cell: (rollout) => `${rollout.turned} of ${rollout.slots}`, fit: true },
  { key: 'cause', title: 'Cause', cell: (rollout) => `${rollout.cause} by ${rollout.causedBy}` },
  { key: 'began', title: 'Began', cell: (rollout) => <When at={rollout.startedAt} as="clock" /> },
  {
    key: 'took',
    title: 'Took',
    cell: (rollout) =>
      rollout.endedAt ? (
        formatDuration(Date.parse(rollout.endedAt) - Date.parse(rollout.startedAt))
      ) : (
        <When at={rollout.startedAt} />
      ),
    fit: true,
  },
  {
    key: 'why',
    title: 'Why',
    cell: (rollout) => rollout.reason && <span className="dim">{rollout.reason}</span>,
  },
];

export const RolloutsTab = ({ service }: { service: ServiceView }) => {
  const list = useListState();
  const rollouts = useWatch(routes.services.rollouts, { params: { id: service.id }, query: list.query });
  return (
    <Panels>
      {service.activeRollout && <RolloutPanel rollout={service.activeRollout} />}
      <Panel title="Rollouts" aside="newest first">
        <Gate of={rollouts}>
          {(data) => (
            <DataTable
              label="Rollouts"
              columns={COLUMNS}
              rows={data.items}
              rowKey={(rollout) => rollout.id}
              rowTo={(rollout) => paths.rollout(rollout.id)}
              list={list}
              next={data.next}
              empty={<Teach title="No rollout yet">A deploy that changes this service begins one.</Teach>}
            />
          )}
        </Gate>
      </Panel>
    </Panels>
  );
};
