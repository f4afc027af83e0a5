import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { expect } from '@playwright/test';
import { pasteJoinCommand } from '../console/hosts.ts';
import { PASSWORD } from '../console/operator.ts';
import type { LabHost } from '../lab/lab.ts';

/** Signs in with the printed password and chooses an own one, as the first person does. */
export const firstSignIn = async (page: Page, url: string, printed: string): Promise<void> => {
  await page.goto(url);
  await page.getByLabel('Name').fill('admin');
  await page.getByLabel('Password').fill(printed);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('Present password').fill(printed);
  await page.getByLabel('New password', { exact: false }).first().fill(PASSWORD);
  await page.getByLabel('New password again').fill(PASSWORD);
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByRole('heading', { level: 1, name: /needs? you/ })).toBeVisible({ timeout: 60_000 });
};

/** Takes the command of *Add node*, pastes it into the host and waits until the page has turned green. */
export const addNode = async (page: Page, host: LabHost): Promise<void> => {
  const places = page.getByRole('navigation', { name: 'Console' });
  await places.getByRole('link', { name: 'Nodes', exact: true }).click();
  await page.getByRole('link', { name: 'Add node' }).first().click();
  await page.getByRole('button', { name: 'Make the command' }).click();
  const command = await page.getByLabel('the join command', { exact: true }).locator('code').textContent();
  await pasteJoinCommand(host, command ?? '');
  await expect(page.getByRole('heading', { name: 'Here it is' })).toBeVisible({ timeout: 60_000 });
};

/** Fills the values of the file, waits until the plan on screen is of them, and applies it. */
export const applyWith = async (page: Page, values: Record<string, string>): Promise<void> => {
  for (const [name, value] of Object.entries(values))
    await page.getByLabel(name, { exact: true }).fill(value);
  const apply = page.getByRole('button', { name: 'Apply this plan' });
  await expect(apply).not.toHaveAttribute('aria-disabled', 'true', { timeout: 60_000 });
  await apply.click();
  await page.waitForURL(/\/stacks\//);
};

/** The bar that says `n of m ready` in the head of the page. */
export const ready = (page: Page, count: number): Locator =>
  page.getByRole('img', { name: `${count} of ${count} ready` }).first();

export const openService = async (page: Page, stackUrl: string, name: string): Promise<void> => {
  await page.goto(stackUrl);
  await page.getByRole('link', { name, exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
};

/** Waits until no rollout of the service on screen is under way. */
export const rolloutOver = (page: Page): Promise<void> =>
  expect(page.getByText(/^(rolling (out|back)|rollout of)/)).toHaveCount(0, { timeout: 180_000 });

/** Faults that keep people out: names, roles and values that assistive technology cannot read. */
export const criticalFaults = async (page: Page): Promise<string[]> => {
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa']).analyze();
  return violations.filter(({ impact }) => impact === 'critical').map(({ id, help }) => `${id}: ${help}`);
};
