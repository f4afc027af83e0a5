import { expect, type Page } from '@playwright/test';
import { pasteJoinCommand } from '../console/hosts.ts';
import { PASSWORD } from '../console/operator.ts';
import type { LabHost } from '../lab/lab.ts';
import { goTo, signInAt } from './places.ts';

/** Signs in with the printed password and chooses an own one, as the first person does. */
export const firstSignIn = async (page: Page, url: string, printed: string): Promise<void> => {
  await signInAt(page, url, printed);
  await page.getByLabel('Present password').fill(printed);
  await page.getByLabel('New password', { exact: false }).first().fill(PASSWORD);
  await page.getByLabel('New password again').fill(PASSWORD);
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByRole('heading', { level: 1, name: /needs? you/ })).toBeVisible();
};

/** Takes the command of *Add node*, pastes it into the host and waits until the page has turned green. */
export const addNode = async (page: Page, host: LabHost): Promise<void> => {
  await goTo(page, 'Nodes');
  await page.getByRole('link', { name: 'Add node' }).first().click();
  await page.getByRole('button', { name: 'Make the command' }).click();
  const command = await page.getByLabel('the join command', { exact: true }).locator('code').textContent();
  await pasteJoinCommand(host, command ?? '');
  const arrived = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Here it is' }) });
  await expect(arrived.locator('[data-tone="ok"]')).toContainText('ready');
  await expect(arrived).toContainText(host.name);
};

/** Adds the lab's registry, which speaks no TLS and stands at a private address. */
export const addRegistry = async (page: Page, host: string): Promise<void> => {
  await goTo(page, 'Registries');
  await page.getByRole('button', { name: 'Add registry' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Host').fill(host);
  await dialog.getByLabel('Speak plain HTTP').check();
  await dialog.getByLabel('It may be at a private address').check();
  await dialog.getByRole('button', { name: 'Add registry' }).click();
  await dialog.waitFor({ state: 'hidden' });
};

/** Replaces what stands in the editor by a text from the clipboard. */
export const pasteFile = async (page: Page, text: string): Promise<void> => {
  await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Control+V');
};

/** Types values of the file's variables, waits until the plan on screen is of them, and applies it. */
export const applyWith = async (page: Page, values: Record<string, string>): Promise<void> => {
  for (const [name, value] of Object.entries(values))
    await page.getByLabel(name, { exact: true }).fill(value);
  const apply = page.getByRole('button', { name: 'Apply this plan' });
  await expect(apply).not.toHaveAttribute('aria-disabled', 'true');
  await apply.click();
  await page.waitForURL(/\/stacks\//);
};
