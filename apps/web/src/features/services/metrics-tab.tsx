'use client';
import { routes, type ServiceView } from '@portreeve/contract';
import { formatBytes } from '@portreeve/domain';
import dynamic from 'next/dynamic';
import type { CallOutput } from '../../lib/call.ts';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { figureWords } from '../../ui/figure.ts';
import { Gate } from '../../ui/gate.tsx';
import { Link } from '../../ui/link.tsx';
import { useListState } from '../../ui/list-state.ts';
import { Panel, Panels } from '../../ui/panel.tsx';
import { RangeChips } from '../../ui/range-chips.tsx';
import { Status } from '../../ui/status.tsx';
import { UsageBar } from '../../ui/usage-bar.tsx';

const Plot = dynamic(() => import('../../ui/plot.tsx').then((module) => module.Plot), { ssr: false });

type Answer = CallOutput<typeof routes.services.metrics>;
type Row = Answer['tasks'][number];
const EVERY_MS = 5_000;
const RANGES = [
  { value: '15', text: '15 min' },
  { value: '60', text: '1 h' },
  { value: '360', text: '6 h' },
  { value: '1440', text: '1 d' },
];

const COLUMNS: readonly Column<Row>[] = [
  { key: 'slot', title: 'Slot', cell: (row) => <Link href={paths.task(row.taskId)}>{row.slot}</Link> },
  { key: 'node', title: 'Node', cell: (row) => row.node },
  { key: 'cpu', title: 'CPU', cell: (row) => `${row.cpuCores.toFixed(2)} cores`, fit: true },
  {
    key: 'memory',
    title: 'Memory',
    cell: (row) =>
      row.memoryLimitBytes === null ? (
        formatBytes(row.memoryBytes)
      ) : (
        <UsageBar
          name="Memory"
          used={row.memoryBytes}
          reserved={0}
          allocatable={row.memoryLimitBytes}
          label={`${formatBytes(row.memoryBytes)} of ${formatBytes(row.memoryLimitBytes)}`}
        />
      ),
  },
  {
    key: 'in',
    title: 'Received',
    cell: (row) => `${formatBytes(Math.round(row.receivedBytesPerSecond))}/s`,
    fit: true,
  },
  {
    key: 'out',
    title: 'Sent',
    cell: (row) => `${formatBytes(Math.round(row.sentBytesPerSecond))}/s`,
    fit: true,
  },
];

const NAMES: Record<string, string> = {
  cpuCores: 'CPU',
  memoryBytes: 'Memory',
  pids: 'Processes',
  receivedBytesPerSecond: 'Received',
  sentBytesPerSecond: 'Sent',
};

type Line = Answer['series'][number] & { key: string };

const byUnit = (series: Answer['series']): [string, Line[]][] =>
  Object.entries(Object.groupBy(series, (each) => each.unit)).map(([unit, of]) => [
    unit,
    (of ?? []).map((each) => ({ ...each, key: each.name, name: NAMES[each.name] ?? each.name })),
  ]);

const LIVE = ['cpuCores', 'memoryBytes', 'receivedBytesPerSecond', 'sentBytesPerSecond'] as const;
type Live = (typeof LIVE)[number];
const isLive = (key: string): key is Live => LIVE.some((each) => each === key);

/** The figure of this moment, all tasks together: as the agents last said, else the line's newest point. */
const nowOf = ({ key, points }: Line, tasks: readonly Row[]): number | undefined =>
  isLive(key) && tasks.length > 0 ? tasks.reduce((sum, task) => sum + task[key], 0) : points.at(-1)?.[1];

const nowWords = (unit: string, lines: readonly Line[], tasks: readonly Row[]): string => {
  const figures = lines.map((line) => {
    const figure = figureWords(unit, nowOf(line, tasks));
    return lines.length > 1 ? `${line.name} ${figure}` : figure;
  });
  return `${figures.join(', ')} now`;
};

/** Live figures of each task, and what the hosts remember of the last day. */
export const MetricsTab = ({ service }: { service: ServiceView }) => {
  const list = useListState();
  const minutes = Number(list.read('minutes') ?? 60);
  const metrics = useWatch(
    routes.services.metrics,
    { params: { id: service.id }, query: { minutes } },
    { everyMs: EVERY_MS },
  );
  return (
    <Panels>
      <RangeChips
        label="Range"
        options={RANGES}
        value={String(minutes)}
        onChange={(value) => list.filter({ minutes: value })}
      />
      <Gate of={metrics} lines={8}>
        {(data) => (
          <Panels>
            {data.missing.length > 0 && (
              <Status tone="unknown" wrap>
                No figures from {data.missing.join(', ')}: they are kept on the host, which does not answer.
              </Status>
            )}
            <Panels of="half">
              {byUnit(data.series).map(([unit, series]) => (
                <Panel
                  key={unit}
                  title={series.map((each) => each.name).join(', ')}
                  aside={nowWords(unit, series, data.tasks)}
                >
                  <Plot series={series} unit={unit} />
                </Panel>
              ))}
            </Panels>
            <Panel title="Now, by task" aside="as the agents last said">
              <DataTable
                label="Figures by task"
                columns={COLUMNS}
                rows={data.tasks.toSorted((a, b) => a.slot - b.slot)}
                rowKey={(row) => row.taskId}
                rowTo={(row) => paths.task(row.taskId)}
                empty={<span className="dim">No task is running, or no agent has told its figures yet.</span>}
              />
            </Panel>
          </Panels>
        )}
      </Gate>
    </Panels>
  );
};
