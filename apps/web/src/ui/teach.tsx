import type { ReactNode } from 'react';
import styles from './teach.module.css';

/** An empty place that says what belongs here and what to do next. */
export const Teach = ({
  title,
  children,
  action,
}: {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) => (
  <div className={styles.teach}>
    <h3>{title}</h3>
    {children && <p>{children}</p>}
    {action}
  </div>
);
