'use client';
import { type DirectoryRunView, type DirectoryView, routes } from '@portreeve/contract';
import { useAction, useWatch } from '../../live/queries.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Gate } from '../../ui/gate.tsx';
import { type ListState, useListState } from '../../ui/list-state.ts';
import { Panel, Panels } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem.tsx';
import { Teach } from '../../ui/teach.tsx';
import { When } from '../../ui/when.tsx';
import { useLack } from '../session/lack.ts';
import { PreviewPanel } from './preview-panel.tsx';
import { countWords, RunStatus } from './run-words.tsx';

type Props = { directory: DirectoryView };

const Held = ({ directory, run }: Props & { run: DirectoryRunView }) => {
  const confirm = useAction(routes.directories.confirm);
  return (
    <Panel
      title="A sync stopped and asks"
      aside={
        <Confirm
          label="Let it go on"
          danger
          disabledReason={useLack('directory.edit')}
          run={() => confirm.mutateAsync({ params: { id: directory.id, run: run.id } })}
        >
          It does what it said: {countWords(run.counts)}. Who leaves a team or is disabled loses access at
          once, open terminals too.
        </Confirm>
      }
    >
      <RunStatus run={run} wrap />
      <p className="dim" style={{ marginBlockStart: 4 }}>
        It would have {countWords(run.counts)}. Nothing of it is done yet. Look at the preview: if this is
        right, let it go on; if not, mend the directory or the set-up, and the next sync asks no more.
      </p>
    </Panel>
  );
};

const RunLog = ({ directory, run, list }: Props & { run: string; list: ListState }) => {
  const log = useWatch(routes.directories.run, { params: { id: directory.id, run } });
  return (
    <Panel
      title="Log of the sync"
      aside={
        <button
          type="button"
          className="quiet"
          onClick={() => list.filter({ run: undefined, cursor: list.query.cursor })}
        >
          close
        </button>
      }
    >
      <Gate of={log}>
        {(data) => (
          <>
            <p style={{ marginBlockEnd: 6 }}>
              <RunStatus run={data} wrap />
            </p>
            <ol style={{ listStyle: 'none', margin: 0, padding: 0, fontSize: 13 }}>
              {data.log.map((line, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a log grows at its end only
                <li key={index} style={{ padding: '1px 0', overflowWrap: 'anywhere' }}>
                  <span className="dim">
                    <When at={line.at} as="clock" />
                  </span>{' '}
                  {line.text}
                </li>
              ))}
            </ol>
          </>
        )}
      </Gate>
    </Panel>
  );
};

const columnsOf = (list: ListState): Column<DirectoryRunView>[] => [
  {
    key: 'at',
    title: 'Began',
    cell: (run) => (
      <button
        type="button"
        className="quiet"
        onClick={() => list.filter({ run: run.id, cursor: list.query.cursor })}
      >
        <When at={run.startedAt} as="ago" />
      </button>
    ),
    fit: true,
  },
  { key: 'kind', title: 'Read', cell: ({ kind }) => (kind === 'full' ? 'everything' : 'what changed') },
  { key: 'state', title: 'Ended', cell: (run) => <RunStatus run={run} wrap /> },
  { key: 'read', title: 'Entries', cell: ({ counts }) => counts.read },
  {
    key: 'counts',
    title: 'Changed',
    cell: ({ counts, outcome }) =>
      outcome === 'failed' ? <span className="dim">nothing</span> : countWords(counts),
  },
  { key: 'by', title: 'Started by', cell: ({ startedBy }) => <span className="dim">{startedBy}</span> },
];

const Actions = ({ directory, preview }: Props & { preview: () => void }) => {
  const sync = useAction(routes.directories.sync);
  const lack = useLack('directory.edit');
  const off = directory.enabled ? undefined : 'The directory is off.';
  return (
    <>
      <span style={{ display: 'inline-flex', gap: 8, flexWrap: 'wrap' }}>
        <ActionButton onClick={preview}>What would a sync do?</ActionButton>
        <ActionButton
          isLoading={sync.isPending}
          disabledReason={lack ?? off}
          onClick={() => sync.mutate({ params: { id: directory.id }, body: { kind: 'full' } })}
        >
          Sync now
        </ActionButton>
      </span>
      <ProblemNote error={sync.error} />
    </>
  );
};

/** Syncs of a directory: what the next one would do, one that asks, and each one's log. */
export const Syncs = ({ directory }: Props) => {
  const list = useListState();
  const { limit, cursor } = list.query;
  const params = { id: directory.id };
  const runs = useWatch(routes.directories.runs, { params, query: { limit, cursor } });
  const preview = useAction(routes.directories.preview);
  const run = list.read('run');
  return (
    <Panels>
      {directory.held && <Held directory={directory} run={directory.held} />}
      {preview.data && <PreviewPanel preview={preview.data} onClose={preview.reset} />}
      <ProblemNote error={preview.error} />
      {run && <RunLog key={run} directory={directory} run={run} list={list} />}
      <Panel
        title="Syncs"
        aside={<Actions directory={directory} preview={() => preview.mutate({ params })} />}
      >
        {preview.isPending && <p role="status">Asking the directory…</p>}
        <Gate of={runs}>
          {(data) => (
            <DataTable
              label="Syncs"
              columns={columnsOf(list)}
              rows={data.items}
              rowKey={({ id }) => id}
              list={list}
              next={data.next}
              total={data.total}
              empty={<Teach title="No sync yet">The first one begins within a minute.</Teach>}
            />
          )}
        </Gate>
      </Panel>
    </Panels>
  );
};
