import { formatBytes } from '@portreeve/domain';

/** A figure of a series as a person reads it: `12.4 MiB/s`, `0.25 cores`, `31`. */
export const figureWords = (unit: string, value: number | null | undefined): string => {
  if (value === null || value === undefined) return '–';
  if (unit.startsWith('bytes'))
    return `${formatBytes(Math.max(0, Math.round(value)))}${unit.includes('/') ? '/s' : ''}`;
  const digits = Math.abs(value) >= 10 ? 1 : 3;
  return `${Number(value.toFixed(digits))}${unit === 'cores' ? ' cores' : ''}`;
};
