import type { ReactNode } from 'react';
import styles from './row-actions.module.css';

/** Buttons at the end of a table's row, no higher than its text. */
export const RowActions = ({ children }: { children: ReactNode }) => (
  <span className={styles.actions}>{children}</span>
);
