import type { Page } from '@playwright/test';

const COUNTED = `addEventListener('pointerdown', (event) => {
  if (event.isTrusted) sessionStorage.setItem('clicks', String(Number(sessionStorage.getItem('clicks') ?? 0) + 1));
}, true)`;

/** Counts what a hand does on a page from here on: every press of the pointer, none of the keyboard. */
export const countClicks = async (
  page: Page,
): Promise<{ since: () => Promise<number>; anew: () => Promise<void> }> => {
  await page.addInitScript(COUNTED);
  return {
    since: async () => Number(await page.evaluate(`sessionStorage.getItem('clicks') ?? 0`)),
    anew: async () => {
      await page.evaluate(`sessionStorage.removeItem('clicks')`);
    },
  };
};
