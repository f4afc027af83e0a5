import type { EventView } from '@portreeve/contract';
import { Fragment } from 'react';
import { Link } from '../../ui/link.tsx';
import { Status } from '../../ui/status.tsx';
import { When } from '../../ui/when.tsx';
import styles from './event-list.module.css';

const Text = ({ of: { path, text } }: { of: EventView }) => (path ? <Link href={path}>{text}</Link> : text);

const Failed = ({ of }: { of: EventView }) => (
  <Status tone="bad" wrap>
    <span className="pf-v6-screen-reader">failed: </span>
    <Text of={of} />
  </Status>
);

/** Events, newest first: when, what, by whom; a failed one says so. */
export const EventList = ({ events }: { events: readonly EventView[] }) => (
  <div className={styles.list}>
    {events.map((event) => (
      <Fragment key={event.id}>
        <span className="dim">
          <When at={event.at} as="clock" />
        </span>
        <span>{event.ok ? <Text of={event} /> : <Failed of={event} />}</span>
        <span className={`dim ${styles.who} ${event.actor ? '' : styles.itself}`}>
          {event.actor ?? 'by itself'}
        </span>
      </Fragment>
    ))}
  </div>
);
