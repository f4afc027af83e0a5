import type { LinkTab } from './link-tabs.tsx';

/** What an object's page can show, by the last part of its URL; the first is shown where there is none. */
type Tabs = Readonly<Record<string, { text: string }>>;

/** The tab that a URL asks for; the first for one that is not there. */
export const chosenTab = <T extends Tabs>(tabs: T, asked: string): keyof T & string =>
  Object.hasOwn(tabs, asked) ? asked : (Object.keys(tabs)[0] ?? '');

/** Where each tab is; the first has no part of its own. */
export const tabPlaces = (tabs: Tabs, to: (tab?: string) => string): LinkTab[] =>
  Object.entries(tabs).map(([key, { text }], index) => ({ key, text, to: index === 0 ? to() : to(key) }));
