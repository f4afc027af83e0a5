'use client';
import type { Connection } from '../../live/connection.ts';
import { useConnection } from '../../live/live-provider.tsx';
import { clockTime } from '../../ui/when.tsx';
import styles from './live-mark.module.css';

const wordsOf = (connection: Exclude<Connection, { state: 'live' }>): string => {
  if (connection.state === 'connecting') return 'connecting';
  const from = `data from ${clockTime(connection.since)}`;
  return connection.state === 'no database'
    ? `the database is away, ${from}; what runs goes on`
    : `reconnecting, ${from}`;
};

/** Whether what is on screen is of this moment. */
export const LiveMark = () => {
  const connection = useConnection();
  if (connection.state === 'live')
    return (
      <span className={styles.live} role="status">
        <i aria-hidden />
        <span>live</span>
      </span>
    );
  return (
    <span className={`${styles.live} ${styles.away}`} role="status">
      <i aria-hidden />
      <span>{wordsOf(connection)}</span>
    </span>
  );
};
