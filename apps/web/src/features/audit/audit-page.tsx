'use client';
import { routes } from '@portreeve/contract';
import type { CallOutput } from '../../lib/call.ts';
import { paths } from '../../lib/paths.ts';
import { useAction, useWatch } from '../../live/queries.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Gate } from '../../ui/gate.tsx';
import { ListBar } from '../../ui/list-bar.tsx';
import { useListState } from '../../ui/list-state.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { ProblemNote } from '../../ui/problem.tsx';
import { Status } from '../../ui/status.tsx';
import { Teach } from '../../ui/teach.tsx';
import type { Tone } from '../../ui/tone.ts';
import { When } from '../../ui/when.tsx';
import styles from '../activity/activity.module.css';
import { TextFilter } from '../activity/text-filter.tsx';
import { TimeBar, useTimes } from '../activity/time-bar.tsx';
import { projectName, useProject } from '../projects/project.ts';

type Entry = CallOutput<typeof routes.audit.list>['items'][number];
const OUTCOMES: Record<string, Tone> = { done: 'ok', refused: 'held', failed: 'bad' };
const OUTCOME_CHIPS = Object.keys(OUTCOMES).map((value) => ({ value, text: value }));

const detailWords = (detail: Entry['detail']): string =>
  Object.entries(detail)
    .filter(([, value]) => value !== null && JSON.stringify(value) !== '{}')
    .map(([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');

const COLUMNS: readonly Column<Entry>[] = [
  { key: 'at', title: 'When', cell: (entry) => <When at={entry.at} as="clock" />, fit: true },
  { key: 'actor', title: 'Who', cell: (entry) => <b>{entry.actor}</b> },
  {
    key: 'action',
    title: 'Did',
    cell: (entry) => <span className="mono">{entry.action}</span>,
    fit: true,
  },
  { key: 'object', title: 'To', cell: (entry) => entry.object },
  {
    key: 'project',
    title: 'In project',
    cell: (entry) => entry.projectPath ?? <span className="dim">–</span>,
  },
  {
    key: 'outcome',
    title: 'Ended',
    cell: (entry) => <Status tone={OUTCOMES[entry.outcome] ?? 'unknown'}>{entry.outcome}</Status>,
    fit: true,
  },
  {
    key: 'from',
    title: 'From',
    cell: (entry) => (
      <span className="dim">
        {entry.address} by {entry.via}
      </span>
    ),
  },
  {
    key: 'detail',
    title: 'Detail',
    cell: (entry) => <span className="dim">{detailWords(entry.detail)}</span>,
  },
  {
    key: 'sealed',
    title: 'Sealed',
    cell: (entry) => (entry.sealed ? 'yes' : <Status tone="busy">in a moment</Status>),
    fit: true,
  },
];

const Verify = () => {
  const verify = useAction(routes.audit.verify);
  return (
    <>
      {verify.data && (
        <Status tone={verify.data.ok ? 'ok' : 'bad'} wrap>
          {verify.data.text}
        </Status>
      )}
      <ActionButton isLoading={verify.isPending} onClick={() => verify.mutate({})}>
        Verify the chain
      </ActionButton>
      <ProblemNote error={verify.error} />
    </>
  );
};

/** Who did what, from where, and how it ended: sealed entry by entry, so that a change is found. */
export const AuditPage = () => {
  const project = useProject();
  const list = useListState();
  const times = useTimes(list);
  const [actor, action, outcome] = ['actor', 'action', 'outcome'].map(list.read);
  const entries = useWatch(routes.audit.list, {
    query: { ...list.query, ...times, project, actor, action, outcome },
  });
  return (
    <>
      <PageHead
        crumbs={[{ text: projectName(project), to: paths.overview({ project }) }]}
        title="Audit"
        actions={<Verify />}
      />
      <ListBar list={list} placeholder="Words in it" chips={{ name: 'outcome', options: OUTCOME_CHIPS }} />
      <div className={styles.bar}>
        <TimeBar list={list} />
        <TextFilter list={list} name="actor" label="By whom, whole name" />
        <TextFilter list={list} name="action" label="Action" />
      </div>
      <Gate of={entries} lines={12}>
        {(data) => (
          <DataTable
            label="Audit"
            columns={COLUMNS}
            rows={data.items}
            rowKey={(entry) => entry.id}
            list={list}
            next={data.next}
            total={data.total}
            empty={<Teach title="No entry matches">Clear a filter, or choose a longer time.</Teach>}
          />
        )}
      </Gate>
    </>
  );
};
