import type { ReactNode } from 'react';
import styles from './facts.module.css';

/** Names and values, one under the other, in the order given; what is not known is left out by the caller. */
export const Facts = ({ of }: { of: Readonly<Record<string, ReactNode>> }) => (
  <dl className={styles.facts}>
    {Object.entries(of).map(([name, value]) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);
