import type { EventView } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { Link } from '../../ui/link.tsx';
import { Panel } from '../../ui/panel.tsx';
import { EventList } from '../events/event-list.tsx';

export const Changes = ({ events }: { events: readonly EventView[] }) => (
  <Panel title="What changed" aside={<Link href={paths.activity()}>Activity</Link>}>
    {events.length === 0 && (
      <span className="dim">Nothing yet. What people, the console and the hosts do shows here.</span>
    )}
    <EventList events={events} />
  </Panel>
);
