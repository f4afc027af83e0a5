import type { Overview } from '@portreeve/contract';
import { paths } from '../../lib/paths.ts';
import { Link } from '../../ui/link.tsx';
import { Panel } from '../../ui/panel.tsx';
import { EventList } from '../events/event-list.tsx';
import { HealthStrip } from './health-strip.tsx';

export const Changes = ({ changes, health }: Pick<Overview, 'changes' | 'health'>) => (
  <Panel title="What changed" aside={<Link href={paths.activity()}>Activity</Link>}>
    <HealthStrip health={health} />
    {changes.length === 0 && (
      <span className="dim">Nothing yet. What people, the console and the hosts do shows here.</span>
    )}
    <EventList events={changes} />
  </Panel>
);
