'use client';
import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
const PREFIX = 'portreeve.ui.';

/** A choice of this browser (theme, columns, project), kept across visits; empty text when none was made. */
export const remembered = {
  read: (key: string): string =>
    typeof window === 'undefined' ? '' : (window.localStorage.getItem(PREFIX + key) ?? ''),
  keep: (key: string, value: string): void => {
    window.localStorage.setItem(PREFIX + key, value);
    for (const listener of listeners) listener();
  },
};

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useRemembered = (key: string): [string, (value: string) => void] => [
  useSyncExternalStore(
    subscribe,
    () => remembered.read(key),
    () => '',
  ),
  (value) => remembered.keep(key, value),
];
