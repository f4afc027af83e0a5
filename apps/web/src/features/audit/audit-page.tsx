'use client';
import { type AuditView, routes } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Gate } from '../../ui/gate.tsx';
import { ListBar } from '../../ui/list-bar.tsx';
import { type ListState, useListState } from '../../ui/list-state.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Status } from '../../ui/status.tsx';
import { Teach } from '../../ui/teach.tsx';
import type { Tone } from '../../ui/tone.ts';
import { When } from '../../ui/when.tsx';
import styles from '../activity/activity.module.css';
import { TextFilter } from '../activity/text-filter.tsx';
import { TimeBar, useTimes } from '../activity/time-bar.tsx';
import { projectName, useProject } from '../projects/project.ts';
import { AuditTabs } from './audit-tabs.tsx';
import { EntryDetail } from './entry-detail.tsx';
import { detailWords } from './entry-words.ts';
import { ExportButtons } from './export.tsx';

const OUTCOMES: Record<string, Tone> = { done: 'ok', refused: 'held', failed: 'bad' };
const OUTCOME_CHIPS = Object.keys(OUTCOMES).map((value) => ({ value, text: value }));

const show = (list: ListState, entry: string | undefined) =>
  list.filter({ entry, cursor: list.query.cursor });

const columnsOf = (list: ListState): Column<AuditView>[] => [
  {
    key: 'at',
    title: 'When',
    cell: (entry) => (
      <button type="button" className="quiet" onClick={() => show(list, entry.id)}>
        <When at={entry.at} as="clock" />
      </button>
    ),
    fit: true,
  },
  { key: 'actor', title: 'Who', cell: (entry) => <b>{entry.actor}</b> },
  { key: 'action', title: 'Did', cell: (entry) => <span className="mono">{entry.action}</span>, fit: true },
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
];

const MOST_DETAIL = 240;
const note = ({ detail, sealed }: AuditView) => {
  const words = detailWords(detail);
  const cut = words.length > MOST_DETAIL ? `${words.slice(0, MOST_DETAIL)} …` : words;
  if (!cut && sealed) return undefined;
  return (
    <span style={{ overflowWrap: 'anywhere' }}>
      {cut}
      {!sealed && ' (sealed in a moment)'}
    </span>
  );
};

/** Who did what, from where, and how it ended: sealed entry by entry, so that a change is found. */
export const AuditPage = () => {
  const project = useProject();
  const list = useListState();
  const times = useTimes(list);
  const [actor, action, object, address, outcome] = ['actor', 'action', 'object', 'address', 'outcome'].map(
    list.read,
  );
  const filter = { ...times, project, actor, action, object, address, outcome, search: list.query.search };
  const entries = useWatch(routes.audit.list, { query: { ...list.query, ...filter } });
  const chosen = entries.data?.items.find(({ id }) => id === list.read('entry'));
  return (
    <>
      <PageHead
        crumbs={[{ text: projectName(project), to: paths.overview({ project }) }]}
        title="Audit"
        actions={<ExportButtons filter={filter} />}
      />
      <AuditTabs active="entries" />
      <ListBar list={list} placeholder="Words in it" chips={{ name: 'outcome', options: OUTCOME_CHIPS }} />
      <div className={styles.bar}>
        <TimeBar list={list} />
        <TextFilter list={list} name="actor" label="By whom, whole name" />
        <TextFilter list={list} name="action" label="Action, or its noun" />
        <TextFilter list={list} name="object" label="To what, name or id" />
        <TextFilter list={list} name="address" label="From address" />
      </div>
      {chosen && (
        <div style={{ marginBlockEnd: 12 }}>
          <EntryDetail key={chosen.id} entry={chosen} onClose={() => show(list, undefined)} />
        </div>
      )}
      <Gate of={entries} lines={12}>
        {(data) => (
          <DataTable
            label="Audit"
            columns={columnsOf(list)}
            rows={data.items}
            rowKey={(entry) => entry.id}
            note={note}
            list={list}
            next={data.next}
            total={data.total}
            empty={
              data.next === undefined ? (
                <Teach title="No entry matches">Clear a filter, or choose a longer time.</Teach>
              ) : undefined
            }
          />
        )}
      </Gate>
    </>
  );
};
