import type { ReactNode } from 'react';
import styles from './usage-bar.module.css';

type Props = { used: number | null; reserved: number; allocatable: number; label: ReactNode; name: string };
const percent = (part: number, whole: number) => Math.min(100, whole > 0 ? (part / whole) * 100 : 0);
const HOT = 85;

/** Said in words too where it is nearly all: what is reserved says nothing of it. */
export const hotWords = ({ used, allocatable }: Pick<Props, 'used' | 'allocatable'>): string | undefined => {
  const part = percent(used ?? 0, allocatable);
  return part > HOT ? `${Math.round(part)} % used` : undefined;
};

/** The figure beside a bar: what is in use, or where nobody could say, what is reserved. The bar itself tells both. */
export const inUse = ({ used, reserved }: Pick<Props, 'used' | 'reserved'>): number => used ?? reserved;

/** Used within reserved within allocatable. */
export const UsageBar = ({ used, reserved, allocatable, label, name }: Props) => {
  const usedPercent = percent(used ?? 0, allocatable);
  const reservedPercent = percent(reserved, allocatable);
  const words = `${name}: ${used === null ? 'use unknown' : `${Math.round(usedPercent)} % used`}, ${Math.round(reservedPercent)} % reserved`;
  return (
    <span className={styles.wrap} title={words}>
      <span className={styles.bar} role="img" aria-label={words}>
        <i className={styles.reserved} style={{ width: `${reservedPercent}%` }} />
        {used !== null && (
          <i
            className={`${styles.used} ${usedPercent > HOT ? styles.hot : ''}`}
            style={{ width: `${usedPercent}%` }}
          />
        )}
      </span>
      <span className={styles.label}>{label}</span>
    </span>
  );
};
