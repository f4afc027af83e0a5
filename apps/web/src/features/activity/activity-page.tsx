'use client';
import { type EventView, routes } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { Gate } from '../../ui/gate.tsx';
import { ListBar } from '../../ui/list-bar.tsx';
import { type ListState, useListState } from '../../ui/list-state.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Teach } from '../../ui/teach.tsx';
import { EventList } from '../events/event-list.tsx';
import { projectName, useProject } from '../projects/project.ts';
import styles from './activity.module.css';
import { OBJECT_KEYS, ObjectFilter } from './object-filter.tsx';
import { StoryTabs } from './story-tabs.tsx';
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

type PagesProps = { list: ListState; shown: number; next: string | undefined };
const Pages = ({ list, shown, next }: PagesProps) => (
  <div className={styles.foot}>
    <span>{shown} shown, newest first</span>
    {list.query.cursor && (
      <button type="button" className="quiet" onClick={() => list.page(undefined)}>
        Newest
      </button>
    )}
    {next && (
      <button type="button" className="quiet" onClick={() => list.page(next)}>
        Older
      </button>
    )}
  </div>
);

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
      <StoryTabs active="activity" />
      <ListBar list={list} placeholder="Words in it" chips={{ name: 'kind', options: ABOUT }} />
      <div className={styles.bar}>
        <TimeBar list={list} />
        <TextFilter list={list} name="actor" label="By whom, whole name" />
        <ObjectFilter list={list} events={items} />
      </div>
      <Gate of={events} lines={12}>
        {(data) => (
          <Panel>
            {data.items.length === 0 ? (
              <Teach title="Nothing here">
                Nothing happened that matches. Clear a filter, or choose a longer time.
              </Teach>
            ) : (
              <EventList events={data.items} />
            )}
            <Pages list={list} shown={data.items.length} next={data.next} />
          </Panel>
        )}
      </Gate>
    </>
  );
};
