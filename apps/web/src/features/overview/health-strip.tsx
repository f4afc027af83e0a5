import type { Overview } from '@portreeve/contract';
import { exactTime } from '../../ui/when.tsx';
import styles from './health-strip.module.css';

type Cell = Overview['health'][number];

const WORDS: Record<Cell['state'], string> = {
  ok: 'nothing wrong',
  changing: 'a rollout',
  warning: 'a warning',
  critical: 'something was down',
  unknown: 'before this cluster began',
};

const summary = (health: readonly Cell[]): string => {
  const bad = health.filter(({ state }) => state === 'critical' || state === 'warning').length;
  return bad === 0
    ? 'The last day: nothing wrong.'
    : `The last day: trouble in ${bad} of ${health.length} parts.`;
};

/** The last day at a glance, a cell for each part of it. */
export const HealthStrip = ({ health }: { health: readonly Cell[] }) => {
  const first = health[0];
  if (!first) return null;
  return (
    <figure className={styles.figure}>
      <div className={styles.strip} role="img" aria-label={summary(health)}>
        {health.map(({ from, state }) => (
          <i key={from} className={styles[state]} title={`${exactTime(from)}: ${WORDS[state]}`} />
        ))}
      </div>
      <figcaption className={`dim ${styles.ends}`}>
        <span>{exactTime(first.from).slice(11, 16)} yesterday</span>
        <span>now</span>
      </figcaption>
    </figure>
  );
};
