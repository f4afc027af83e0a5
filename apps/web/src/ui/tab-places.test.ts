import { expect, test } from 'vitest';
import { chosenTab, tabPlaces } from './tab-places.ts';

const TABS = { tasks: { text: 'Tasks' }, logs: { text: 'Logs' } };

test('a tab that is not there shows the first', () => {
  expect(chosenTab(TABS, 'logs')).toBe('logs');
  expect(chosenTab(TABS, 'toString')).toBe('tasks');
});

test('the first tab is the object itself', () => {
  const to = (tab?: string) => `/services/1${tab ? `/${tab}` : ''}`;
  expect(tabPlaces(TABS, to).map((tab) => tab.to)).toEqual(['/services/1', '/services/1/logs']);
});
