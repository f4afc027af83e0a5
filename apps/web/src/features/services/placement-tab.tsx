'use client';
import { FormSelect, FormSelectOption, Tooltip } from '@patternfly/react-core';
import { CheckIcon, TimesIcon } from '@patternfly/react-icons';
import { routes, type ServiceView } from '@portreeve/contract';
import { isFinal } from '@portreeve/domain';
import type { CallOutput } from '../../lib/call.ts';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Gate } from '../../ui/gate.tsx';
import { Link } from '../../ui/link.tsx';
import { useListState } from '../../ui/list-state.ts';
import { Panel, Panels } from '../../ui/panel.tsx';
import { Status } from '../../ui/status.tsx';
import { exactTime } from '../../ui/when.tsx';
import { KeptDecision } from './kept-decision.tsx';

type Answer = CallOutput<typeof routes.services.placement>;
type Row = Answer['items'][number];

const Passes = () => <CheckIcon title="passes" style={{ color: 'var(--ok)' }} />;
const Fails = ({ sentence }: { sentence: string }) => (
  <Tooltip content={sentence}>
    <TimesIcon title={`fails: ${sentence}`} style={{ color: 'var(--bad)' }} />
  </Tooltip>
);

const columnsFor = (rows: readonly Row[]): Column<Row>[] => {
  const filters = [...new Set(rows.flatMap((row) => row.failed.map((each) => each.filter)))];
  const parts = [...new Set(rows.flatMap((row) => Object.keys(row.score?.parts ?? {})))];
  return [
    {
      key: 'node',
      title: 'Node',
      cell: (row) => <Link href={paths.node(row.id)}>{row.node}</Link>,
    },
    {
      key: 'fits',
      title: 'Fits',
      cell: (row) =>
        row.failed.length === 0 ? <Status tone="ok">fits</Status> : <Status tone="bad">does not fit</Status>,
    },
    ...filters.map(
      (filter): Column<Row> => ({
        key: filter,
        title: filter,
        cell: (row) => {
          const failure = row.failed.find((each) => each.filter === filter);
          return failure ? <Fails sentence={failure.sentence} /> : <Passes />;
        },
      }),
    ),
    ...parts.map(
      (part): Column<Row> => ({
        key: `score-${part}`,
        title: part,
        cell: (row) => row.score?.parts[part]?.toFixed(2),
      }),
    ),
    { key: 'score', title: 'Score', cell: (row) => row.score && <b>{row.score.total.toFixed(2)}</b> },
    { key: 'why', title: 'In the way', cell: (row) => row.failed.map((each) => each.sentence).join('; ') },
  ];
};

const nearest = (a: Row, b: Row) =>
  a.failed.length - b.failed.length ||
  (b.score?.total ?? 0) - (a.score?.total ?? 0) ||
  a.node.localeCompare(b.node);

const Verdict = ({ answer }: { answer: Answer }) => {
  const { fits, nodes } = answer;
  return (
    <Panel title={`${fits} of ${nodes} nodes fit`} aside={`computed ${exactTime(answer.computedAt)}, now`}>
      <Status tone={fits > 0 ? 'ok' : 'bad'} wrap>
        {answer.sentence}
      </Status>
      {answer.cheapestChange && (
        <p style={{ marginTop: 6 }}>
          <b>Cheapest change that would make it fit:</b> {answer.cheapestChange}
        </p>
      )}
    </Panel>
  );
};

/** Node by node, what is in the way and what scores, for a task of the service or for the next one. */
export const PlacementTab = ({ service }: { service: ServiceView }) => {
  const list = useListState();
  const task = list.read('task');
  const placement = useWatch(routes.services.placement, {
    params: { id: service.id },
    query: { task, limit: 500 },
  });
  const tasks = service.tasks.filter((each) => !isFinal(each.state)).sort((a, b) => a.slot - b.slot);
  return (
    <Gate of={placement} lines={8}>
      {(answer) => (
        <Panels>
          <Panels of="half">
            <Verdict answer={answer} />
            <KeptDecision kept={answer.kept} />
          </Panels>
          <Panel
            title="Node by node"
            aside={
              <FormSelect
                aria-label="Task"
                value={task ?? ''}
                onChange={(_, value) => list.filter({ task: value })}
                style={{ inlineSize: 'auto' }}
              >
                <FormSelectOption value="" label="the next task" />
                {tasks.map((each) => (
                  <FormSelectOption
                    key={each.id}
                    value={each.id}
                    label={`slot ${each.slot}, ${each.node?.name ?? 'no node'}`}
                  />
                ))}
              </FormSelect>
            }
          >
            <DataTable
              label="Placement"
              columns={columnsFor(answer.items)}
              rows={[...answer.items].sort(nearest)}
              rowKey={(row) => row.id}
              rowTo={(row) => paths.node(row.id)}
            />
          </Panel>
        </Panels>
      )}
    </Gate>
  );
};
