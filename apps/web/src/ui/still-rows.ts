'use client';
import { useRef } from 'react';

/** Rows in the order in which they stood before; what is new comes last, what is gone is gone. */
export const inPlace = <T>(before: readonly string[], rows: readonly T[], keyOf: (row: T) => string): T[] => {
  const left = new Map(rows.map((row) => [keyOf(row), row]));
  const known = before.flatMap((key) => {
    const row = left.get(key);
    left.delete(key);
    return row === undefined ? [] : [row];
  });
  return [...known, ...left.values()];
};

/** While `still` (a pointer is on the table) no row jumps away from under it; afterwards the sorting counts again. */
export const useStillRows = <T>(
  rows: readonly T[],
  keyOf: (row: T) => string,
  still: boolean,
): readonly T[] => {
  const order = useRef<string[]>([]);
  const shown = still ? inPlace(order.current, rows, keyOf) : rows;
  order.current = shown.map(keyOf);
  return shown;
};
