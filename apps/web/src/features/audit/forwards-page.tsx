'use client';
import { type CallOutput, routes } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { useAction, useWatch } from '../../live/queries.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Gate } from '../../ui/gate.tsx';
import { useListState } from '../../ui/list-state.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { ProblemNote } from '../../ui/problem.tsx';
import { RowActions } from '../../ui/row-actions.tsx';
import { Status } from '../../ui/status.tsx';
import { Teach } from '../../ui/teach.tsx';
import { When } from '../../ui/when.tsx';
import { useLack } from '../session/lack.ts';
import { AuditTabs } from './audit-tabs.tsx';
import { NewForward } from './new-forward.tsx';

type Forward = CallOutput<typeof routes.auditForwards.list>['items'][number];

const State = ({ of }: { of: Forward }) => {
  if (!of.enabled) return <Status tone="held">held</Status>;
  if (of.lastError)
    return (
      <Status tone="bad" wrap>
        {of.lastError} <span className="dim">Tried again</span> <When at={of.nextTryAt} as="until" />
      </Status>
    );
  return of.behind > 0 ? <Status tone="busy">sending</Status> : <Status tone="ok">in step</Status>;
};

const Actions = ({ of }: { of: Forward }) => {
  const test = useAction(routes.auditForwards.test);
  const hold = useAction(routes.auditForwards.hold);
  const resume = useAction(routes.auditForwards.resume);
  const remove = useAction(routes.auditForwards.remove);
  const lack = useLack('audit.edit');
  const params = { id: of.id };
  return (
    <>
      <RowActions>
        <ActionButton
          disabledReason={lack}
          isLoading={test.isPending}
          onClick={() => test.mutate({ params })}
        >
          Test
        </ActionButton>
        {of.enabled ? (
          <Confirm
            label="Hold"
            title={`Hold ${of.name}`}
            disabledReason={lack}
            run={() => hold.mutateAsync({ params })}
          >
            Nothing is sent there for now. Nothing is lost: it goes on where it stopped.
          </Confirm>
        ) : (
          <ActionButton
            disabledReason={lack}
            isLoading={resume.isPending}
            onClick={() => resume.mutate({ params })}
          >
            Go on
          </ActionButton>
        )}
        <Confirm
          label="Remove"
          title={`Remove ${of.name}`}
          danger
          disabledReason={lack}
          run={() => remove.mutateAsync({ params })}
        >
          {of.target} gets no more of the audit, and its place in the chain is forgotten.
        </Confirm>
      </RowActions>
      {test.data && (
        <p role="status">
          <Status tone={test.data.ok ? 'ok' : 'bad'} wrap>
            {test.data.text}
          </Status>
        </p>
      )}
      <ProblemNote error={test.error ?? resume.error} />
    </>
  );
};

const COLUMNS: readonly Column<Forward>[] = [
  {
    key: 'name',
    title: 'Name',
    cell: ({ name, kind }) => (
      <span>
        <b>{name}</b> <span className="dim">{kind}</span>
      </span>
    ),
  },
  { key: 'target', title: 'To', cell: ({ target }) => <span className="mono">{target}</span> },
  { key: 'state', title: 'State', cell: (forward) => <State of={forward} /> },
  { key: 'behind', title: 'Behind', cell: ({ behind }) => behind.toLocaleString('en'), fit: true },
  {
    key: 'sent',
    title: 'Last sent',
    cell: ({ lastSentAt }) =>
      lastSentAt ? <When at={lastSentAt} as="ago" /> : <span className="dim">never</span>,
    fit: true,
  },
  { key: 'do', title: '', cell: (forward) => <Actions of={forward} /> },
];

/** Where the audit is sent to, and how far each is. */
export const ForwardsPage = () => {
  const list = useListState();
  const { limit, cursor } = list.query;
  const forwards = useWatch(routes.auditForwards.list, { query: { limit, cursor } });
  return (
    <>
      <PageHead crumbs={[{ text: 'Audit', to: paths.audit() }]} title="Forwarding" actions={<NewForward />} />
      <AuditTabs active="forwards" />
      <Gate of={forwards}>
        {(data) => (
          <DataTable
            label="Forwarding"
            columns={COLUMNS}
            rows={data.items}
            rowKey={({ id }) => id}
            list={list}
            next={data.next}
            total={data.total}
            empty={
              <Teach title="The audit is here alone">
                Send it to a syslog server or a webhook that administrators of this cluster cannot change:
                what was sent there cannot be undone here.
              </Teach>
            }
          />
        )}
      </Gate>
    </>
  );
};
