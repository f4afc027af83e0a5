'use client';
import { Radio } from '@patternfly/react-core';
import { type RevisionView, routes, type ServiceView } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { useAction, useWatch } from '../../live/queries.ts';
import { missing } from '../../ui/action-button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { FieldChanges } from '../../ui/field-changes.tsx';
import { Gate } from '../../ui/gate.tsx';
import { Link } from '../../ui/link.tsx';
import { type ListState, useListState } from '../../ui/list-state.ts';
import { Panel, Panels } from '../../ui/panel.tsx';
import { ShortId } from '../../ui/short-id.tsx';
import { Status } from '../../ui/status.tsx';
import { When } from '../../ui/when.tsx';

const RollTo = ({ service, revision }: { service: ServiceView; revision: RevisionView }) => {
  const roll = useAction(routes.services.roll);
  const older = revision.number < service.revision;
  return (
    <Confirm
      label={older ? `Undo to ${revision.number}` : `Roll to ${revision.number}`}
      disabledReason={missing(service.may, 'service.deploy', `in ${service.projectPath}`)}
      run={() => roll.mutateAsync({ params: { id: service.id }, body: { revision: revision.number } })}
    >
      Rolls {service.name} from revision {service.revision} to {revision.number} (
      <span className="mono">{revision.image}</span>), by its update policy. What may run is asked again.
      Replicas stay at {service.replicas}.
      {!revision.imageKept &&
        ' Hosts no longer keep its image: where it is gone it is pulled again, by its digest, before a task is stopped.'}
    </Confirm>
  );
};

const pinOf = (revision: RevisionView) =>
  revision.pin.kind === 'digest' ? revision.pin.digest : revision.pin.imageId;

const columnsFor = (
  service: ServiceView,
  list: ListState,
  from: number,
  to: number,
): Column<RevisionView>[] => [
  {
    key: 'compare',
    title: 'Compare',
    cell: (revision) => (
      <span style={{ display: 'inline-flex', gap: 10 }}>
        <Radio
          id={`from-${revision.number}`}
          name="from"
          aria-label={`from ${revision.number}`}
          isChecked={from === revision.number}
          onChange={() => list.filter({ from: String(revision.number) })}
        />
        <Radio
          id={`to-${revision.number}`}
          name="to"
          aria-label={`to ${revision.number}`}
          isChecked={to === revision.number}
          onChange={() => list.filter({ to: String(revision.number) })}
        />
      </span>
    ),
  },
  {
    key: 'number',
    title: 'Revision',
    cell: (revision) => (
      <>
        <Link href={paths.service(service.id, 'configuration', { revision: revision.number })}>
          {revision.number}
        </Link>{' '}
        {revision.current && <Status tone="ok">current</Status>}
      </>
    ),
    fit: true,
  },
  {
    key: 'image',
    title: 'Image',
    cell: (revision) => (
      <>
        <span className="mono">{revision.image}</span> <ShortId id={pinOf(revision)} />
      </>
    ),
  },
  {
    key: 'changes',
    title: 'Changed',
    cell: (revision) =>
      revision.changes.length > 0 && (
        <div style={{ minInlineSize: 'min(360px, 40vw)' }}>
          <FieldChanges changes={revision.changes} />
        </div>
      ),
  },
  {
    key: 'file',
    title: 'File',
    cell: (revision) => (
      <Link href={paths.stack(service.stackId, 'file', { version: revision.stackVersion })}>
        {revision.stackVersion}
      </Link>
    ),
  },
  {
    key: 'by',
    title: 'By',
    cell: (revision) => (
      <>
        {revision.createdBy}{' '}
        <span className="dim">
          <When at={revision.createdAt} as="ago" />
        </span>
      </>
    ),
  },
  {
    key: 'do',
    title: '',
    cell: (revision) => !revision.current && <RollTo service={service} revision={revision} />,
    fit: true,
  },
];

const Difference = ({ service, from, to }: { service: ServiceView; from: number; to: number }) => {
  const diff = useWatch(routes.services.diff, { params: { id: service.id }, query: { from, to } });
  return (
    <Panel title={`From ${from} to ${to}`} aside="chosen below">
      <Gate of={diff} lines={3}>
        {(data) =>
          data.changes.length === 0 ? (
            <span className="dim">They are the same.</span>
          ) : (
            <FieldChanges changes={data.changes} />
          )
        }
      </Gate>
    </Panel>
  );
};

/** Every revision, the difference of any two, and the way back to each. */
export const RevisionsTab = ({ service }: { service: ServiceView }) => {
  const list = useListState();
  const revisions = useWatch(routes.services.revisions, {
    params: { id: service.id },
    query: { cursor: list.query.cursor, limit: list.query.limit },
  });
  // What a rollout changes; else what changed last.
  const rollout = service.activeRollout;
  const to = Number(list.read('to') ?? rollout?.toRevision ?? service.revision);
  const from = Number(list.read('from') ?? rollout?.fromRevision ?? service.undoTo?.number ?? 0);
  return (
    <Panels>
      {from > 0 && from !== to && <Difference service={service} from={from} to={to} />}
      <Panel title="Revisions" aside="newest first">
        <Gate of={revisions}>
          {(data) => (
            <DataTable
              label="Revisions"
              columns={columnsFor(service, list, from, to)}
              rows={data.items}
              rowKey={(revision) => revision.id}
              rowTo={(revision) => paths.service(service.id, 'configuration', { revision: revision.number })}
              list={list}
              next={data.next}
            />
          )}
        </Gate>
      </Panel>
    </Panels>
  );
};
