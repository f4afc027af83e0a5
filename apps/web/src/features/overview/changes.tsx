import type { EventView } from '@portreeve/contract';
import Link from 'next/link';
import { Fragment } from 'react';
import { paths } from '../../lib/paths.ts';
import { Panel } from '../../ui/panel.tsx';
import { Status } from '../../ui/status.tsx';
import { When } from '../../ui/when.tsx';
import styles from './changes.module.css';

export const Changes = ({ events }: { events: readonly EventView[] }) => (
  <Panel title="What changed" aside={<Link href={paths.activity()}>Activity</Link>}>
    {events.length === 0 && (
      <span className="dim">Nothing yet. What people, the console and the hosts do shows here.</span>
    )}
    <div className={styles.list}>
      {events.map((event) => (
        <Fragment key={event.id}>
          <span className="dim">
            <When at={event.at} as="clock" />
          </span>
          <span>{event.actor ?? <span className="dim">by itself</span>}</span>
          <span>
            {event.ok ? null : <Status tone="bad">failed</Status>}{' '}
            {event.path ? <Link href={event.path}>{event.text}</Link> : event.text}
          </span>
        </Fragment>
      ))}
    </div>
  </Panel>
);
