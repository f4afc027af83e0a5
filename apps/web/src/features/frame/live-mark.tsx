'use client';
import { useConnection } from '../../live/live-provider.tsx';
import { clockTime } from '../../ui/when.tsx';
import styles from './live-mark.module.css';

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
      <span>
        {connection.state === 'connecting'
          ? 'connecting'
          : `reconnecting, data from ${clockTime(connection.since)}`}
      </span>
    </span>
  );
};
