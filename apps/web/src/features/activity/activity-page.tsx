'use client';
import { type EventView, routes } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Gate } from '../../ui/gate.tsx';
import { Link } from '../../ui/link.tsx';
import { ListBar } from '../../ui/list-bar.tsx';
import { useListState } from '../../ui/list-state.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { shorten } from '../../ui/short-id.tsx';
import { Status } from '../../ui/status.tsx';
import { Teach } from '../../ui/teach.tsx';
import { When } from '../../ui/when.tsx';
import { projectName, useProject } from '../projects/project.ts';
import styles from './activity.module.css';
import { OBJECT_KEYS, ObjectFilter } from './object-filter.tsx';
import { TextFilter } from './text-filter.tsx';
import { TimeBar, useTimes } from './time-bar.tsx';

/** What an event is about, by how its kind begins. */
const ABOUT = [
  { value: 'stack,service,volume', text: 'wishes' },
  { value: 'rollout', text: 'rollouts' },
  { value: 'engine', text: 'engine' },
  { value: 'task', text: 'tasks' },
  { value: 'node,agent', text: 'nodes' },
];

const COLUMNS: readonly Column<EventView>[] = [
  { key: 'at', title: 'When', cell: (event) => <When at={event.at} as="clock" />, fit: true },
  {
    key: 'object',
    title: 'What',
    cell: ({ object, path }) => {
      if (!object) return <span className="dim">the cluster</span>;
      const name = object.name || shorten(object.id);
      return (
        <span>
          <span className="dim">{object.kind}</span>{' '}
          {path ? (
            <Link href={path} className="apart">
              {name}
            </Link>
          ) : (
            name
          )}
        </span>
      );
    },
    fit: true,
  },
  {
    key: 'text',
    title: 'Happened',
    cell: (event) => (event.ok ? event.text : <Status tone="bad">{event.text}</Status>),
  },
  {
    key: 'kind',
    wide: true,
    title: 'Kind',
    cell: (event) => <span className="dim">{event.kind.replaceAll(/[-.]/g, ' ')}</span>,
    fit: true,
  },
  {
    key: 'who',
    wide: true,
    title: 'By',
    cell: (event) => event.actor ?? <span className="dim">itself</span>,
    fit: true,
  },
];

/** One timeline of intent, command, engine call, exit and health. */
export const ActivityPage = () => {
  const project = useProject();
  const list = useListState();
  const times = useTimes(list);
  const cut = Object.fromEntries(Object.values(OBJECT_KEYS).map((key) => [key, list.read(key)]));
  const { search, cursor, limit } = list.query;
  const events = useWatch(routes.activity.list, {
    query: {
      ...{ search, cursor, limit, project },
      ...cut,
      ...times,
      kind: list.read('kind'),
      actor: list.read('actor'),
    },
  });
  const items: EventView[] = events.data?.items ?? [];
  return (
    <>
      <PageHead
        crumbs={[{ text: projectName(project), to: paths.overview({ project }) }]}
        title="Activity"
        status={<span className="dim">wish, command, engine call, exit, health</span>}
      />
      <ListBar list={list} placeholder="Words in it" chips={{ name: 'kind', options: ABOUT }} />
      <div className={styles.bar}>
        <TimeBar list={list} />
        <TextFilter list={list} name="actor" label="By whom, whole name" />
        <ObjectFilter list={list} events={items} />
      </div>
      <Gate of={events} lines={12}>
        {(data) => (
          <DataTable
            label="Activity"
            columns={COLUMNS}
            rows={data.items}
            rowKey={(event) => event.id}
            rowTo={(event) => event.path ?? paths.activity()}
            list={list}
            next={data.next}
            empty={
              <Teach title="Nothing here">
                Nothing happened that matches. Clear a filter, or choose a longer time.
              </Teach>
            }
          />
        )}
      </Gate>
    </>
  );
};
