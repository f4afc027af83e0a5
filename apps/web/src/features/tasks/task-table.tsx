'use client';
import type { TaskView } from '@portreeve/contract';
import type { ReactNode } from 'react';
import { paths } from '../../lib/paths.ts';
import { useNow } from '../../ui/clock.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Link } from '../../ui/link.tsx';
import type { ListState } from '../../ui/list-state.ts';
import { ShortId } from '../../ui/short-id.tsx';
import { Status } from '../../ui/status.tsx';
import { TASK_TONE } from '../../ui/tone.ts';
import { When } from '../../ui/when.tsx';
import { exitWords, taskWords } from './task-words.ts';

export const TaskStatus = ({ task }: { task: TaskView }) => {
  const now = useNow();
  return <Status tone={TASK_TONE[task.health]}>{taskWords(task, now)}</Status>;
};

const NameCell = ({ task }: { task: TaskView }) => (
  <Link href={paths.task(task.id)}>
    {task.serviceName}-{task.slot}
  </Link>
);

const COLUMNS: readonly Column<TaskView>[] = [
  { key: 'slot', title: 'Slot', cell: (task) => <Link href={paths.task(task.id)}>{task.slot}</Link> },
  { key: 'task', title: 'Task', cell: (task) => <NameCell task={task} />, hidden: true },
  { key: 'revision', title: 'Revision', cell: (task) => task.revision },
  { key: 'state', title: 'State', cell: (task) => <TaskStatus task={task} /> },
  {
    key: 'node',
    title: 'Node',
    cell: (task) =>
      task.node ? (
        <Link href={paths.node(task.node.id)}>{task.node.name}</Link>
      ) : (
        <span className="dim">none yet</span>
      ),
  },
  {
    key: 'since',
    title: 'Since',
    cell: (task) => (
      <span className="dim">
        <When at={task.since} />
      </span>
    ),
    fit: true,
  },
  { key: 'restarts', title: 'Restarts', cell: (task) => task.restarts },
  {
    key: 'exit',
    title: 'Last exit',
    cell: (task) =>
      task.lastExit ? (
        <Link href={paths.task(task.id)}>{exitWords(task.lastExit)}</Link>
      ) : (
        <span className="dim">–</span>
      ),
  },
  {
    key: 'why',
    title: 'Why',
    cell: (task) => {
      const why = task.reason || task.lastExit?.reason;
      return why && <span className="dim">{why}</span>;
    },
  },
  {
    key: 'ports',
    title: 'Ports',
    cell: (task) => task.ports.map((port) => `${port.published}→${port.target}`).join(', '),
    hidden: true,
  },
  {
    key: 'addresses',
    title: 'Addresses',
    cell: (task) => <span className="mono">{task.addresses.join(' ')}</span>,
    hidden: true,
  },
  { key: 'id', title: 'Id', cell: (task) => <ShortId id={task.id} />, hidden: true },
];
/** Where tasks of several services stand together. */
const OF_MANY = COLUMNS.map((column) =>
  column.key === 'task'
    ? { ...column, hidden: false }
    : column.key === 'slot'
      ? { ...column, hidden: true }
      : column,
);

type Props = {
  rows: readonly TaskView[];
  label?: string;
  manyServices?: boolean;
  list?: ListState;
  next?: string | undefined;
  empty?: ReactNode;
};

/** Tasks with their node, state, restarts and the reason of their last exit. */
export const TaskTable = ({ rows, label = 'Tasks', manyServices, ...rest }: Props) => (
  <DataTable
    label={label}
    columns={manyServices ? OF_MANY : COLUMNS}
    rows={rows}
    rowKey={(task) => task.id}
    rowTo={(task) => paths.task(task.id)}
    {...rest}
  />
);
