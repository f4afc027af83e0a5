import type { FieldChange } from '@portreeve/contract';
import { Fragment } from 'react';
import styles from './field-changes.module.css';
import { shorten } from './short-id.tsx';

/** Digests are told apart by their ends; all else is shown whole. */
const words = (value: unknown): string =>
  (typeof value === 'string' ? value : JSON.stringify(value)).replace(/sha256:[0-9a-f]{64}/g, shorten);

/** Field by field, what was and what will be. */
export const FieldChanges = ({ changes }: { changes: readonly FieldChange[] }) => (
  <div className={styles.diff}>
    {changes.map((change) => (
      <Fragment key={change.path}>
        <span className={styles.key}>{change.path}</span>
        <span>
          {change.from === undefined ? (
            <span className={styles.none}>not set</span>
          ) : (
            <del>{words(change.from)}</del>
          )}
        </span>
        <span>
          {change.to === undefined ? (
            <span className={styles.none}>removed</span>
          ) : (
            <ins>{words(change.to)}</ins>
          )}
        </span>
      </Fragment>
    ))}
  </div>
);
