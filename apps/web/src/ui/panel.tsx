import type { ReactNode } from 'react';
import styles from './panel.module.css';

type Props = { title?: ReactNode; aside?: ReactNode; children: ReactNode; className?: string };

/** A box with a hairline; `aside` says in grey what the figures are based on, or holds a link. */
export const Panel = ({ title, aside, children, className = '' }: Props) => (
  <section className={`${styles.panel} ${className}`}>
    {(title !== undefined || aside !== undefined) && (
      <div className={styles.head}>
        <h2>{title}</h2>
        <span className={styles.aside}>{aside}</span>
      </div>
    )}
    {children}
  </section>
);

/** Lays panels out: under each other, two to one, two, or three beside each other; one column on a phone. */
export const Panels = ({
  of = 'rows',
  children,
}: {
  of?: 'rows' | 'two' | 'half' | 'three';
  children: ReactNode;
}) => <div className={styles[of]}>{children}</div>;
