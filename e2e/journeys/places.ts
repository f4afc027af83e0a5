import type { Locator, Page } from '@playwright/test';

/** Goes to a place of the console by its navigation. */
export const goTo = (page: Page, place: string): Promise<void> =>
  page.getByRole('navigation', { name: 'Console' }).getByRole('link', { name: place, exact: true }).click();

/** The bar of a page's object that says how many of its tasks are ready. */
export const readyBar = (page: Page, words: string): Locator =>
  page.locator('header').getByRole('img', { name: words, exact: true });

/** What the masthead says about how young the page is. */
export const liveMark = (page: Page, words: string | RegExp): Locator =>
  page.getByRole('banner').getByRole('status').filter({ hasText: words });

/** Presses a button that asks before it acts, and confirms. */
export const confirm = async (page: Page, button: string): Promise<void> => {
  await page.getByRole('button', { name: button, exact: true }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: button, exact: true }).click();
  await dialog.waitFor({ state: 'hidden' });
};

/** One of the rarer actions of an object, from its menu. */
export const choose = async (page: Page, menu: string, action: string): Promise<void> => {
  await page.getByRole('button', { name: menu, exact: true }).click();
  await page.getByRole('menuitem', { name: action, exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: action, exact: true }).click();
  await dialog.waitFor({ state: 'hidden' });
};

/** A tab of the object's page. */
export const openTab = (page: Page, tab: string): Promise<void> =>
  page.getByRole('tab', { name: tab, exact: true }).click();

/** Fills the sign-in form and sends it. */
export const signInAt = async (page: Page, url: string, password: string): Promise<void> => {
  await page.goto(url);
  await page.getByLabel('Name').fill('admin');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
};

export const openNode = async (page: Page, name: string): Promise<void> => {
  await goTo(page, 'Nodes');
  await page.getByRole('grid', { name: 'Nodes' }).getByRole('link', { name, exact: true }).click();
  await page.getByRole('heading', { name, level: 1 }).waitFor();
};

export const openStack = async (page: Page, name: string): Promise<void> => {
  await goTo(page, 'Stacks');
  await page.getByRole('grid', { name: 'Stacks' }).getByRole('link', { name, exact: true }).click();
  await page.getByRole('heading', { name, level: 1 }).waitFor();
};

export const openService = async (page: Page, stack: string, name: string): Promise<void> => {
  await openStack(page, stack);
  await page
    .getByRole('grid', { name: 'Services of the stack' })
    .getByRole('link', { name, exact: true })
    .click();
  await page.getByRole('heading', { name, level: 1 }).waitFor();
};
