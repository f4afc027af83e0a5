'use client';
import { type EventView, routes } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { useWatch } from '../../live/queries.ts';
import { Gate } from '../../ui/gate.tsx';
import { Link } from '../../ui/link.tsx';
import { Panel } from '../../ui/panel.tsx';
import { EventList } from './event-list.tsx';

type Cut = { stackId?: string; serviceId?: string; taskId?: string; nodeId?: string; rolloutId?: string };
const MOST = 100;

/** One object's part of the timeline. */
export const ActivityCut = ({ of }: { of: Cut }) => {
  const events = useWatch(routes.activity.list, { query: { ...of, limit: MOST } });
  return (
    <Panel title="Activity" aside={<Link href={paths.activity(of)}>All, with filters</Link>}>
      <Gate of={events}>
        {(data) =>
          data.items.length === 0 ? (
            <span className="dim">Nothing yet.</span>
          ) : (
            <EventList events={data.items as EventView[]} />
          )
        }
      </Gate>
    </Panel>
  );
};
