/**
 * The page's half of a session. The cookie alone opens nothing: an application on another port of this host gets the
 * cookie too, but `localStorage` belongs to the origin, port included. It is kept there and not in `sessionStorage`
 * so that a new tab is signed in as well.
 */
const KEY = 'portreeve.page';
const listeners = new Set<() => void>();
const tell = () => {
  for (const listener of listeners) listener();
};

export const pageSecret = {
  read: (): string | null => (typeof window === 'undefined' ? null : window.localStorage.getItem(KEY)),
  keep: (secret: string): void => {
    window.localStorage.setItem(KEY, secret);
    tell();
  },
  forget: (): void => {
    if (pageSecret.read() === null) return;
    window.localStorage.removeItem(KEY);
    tell();
  },
  /** Also hears of other tabs: signing out in one ends all. */
  subscribe: (listener: () => void): (() => void) => {
    const onStorage = (event: StorageEvent) => {
      if (event.key === KEY) listener();
    };
    listeners.add(listener);
    window.addEventListener('storage', onStorage);
    return () => {
      listeners.delete(listener);
      window.removeEventListener('storage', onStorage);
    };
  },
};
