import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import type { Screen } from './screens.ts';

const ON_CI = process.env.CI !== undefined;
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
] as const;
const THEMES = ['light', 'dark'] as const;
/** Code is wide where somebody wrote it wide; it scrolls by itself. */
const MAY_SCROLL = '.cm-scroller, .xterm, pre, [role="log"], [role="tablist"], .pf-v6-c-tabs__list';

/**
 * What sticks out to the side, as selectors: the page itself, or a part that has to be scrolled to be read. Written as
 * text because it runs in the page.
 */
const STICKS_OUT = `(() => {
  const name = (el) => el.tagName.toLowerCase() + [...el.classList].slice(0, 2).map((c) => '.' + c).join('');
  const wide = [...document.querySelectorAll('body *')].filter((el) => {
    if (el.scrollWidth <= el.clientWidth + 1 || el.clientWidth === 0) return false;
    if (el.closest('${MAY_SCROLL}')) return false;
    return /auto|scroll/.test(getComputedStyle(el).overflowX);
  }).map((el) => name(el) + ' is ' + el.scrollWidth + ' wide in ' + el.clientWidth);
  const root = document.documentElement;
  const cut = [...document.querySelectorAll('#content *')].filter((el) => {
    if (el.children.length > 0 || el.closest('${MAY_SCROLL}, .pf-v6-screen-reader')) return false;
    const box = el.getBoundingClientRect();
    return box.width > 1 && box.right > innerWidth + 1 && getComputedStyle(el).visibility === 'visible';
  }).map((el) => name(el) + ' is cut off: ' + el.textContent.slice(0, 60));
  wide.push(...cut.slice(0, 5));
  const tab = document.querySelector('#content .pf-v6-c-tabs__list .pf-m-current');
  const [box, list] = [tab, tab?.closest('.pf-v6-c-tabs__list')].map((el) => el?.getBoundingClientRect());
  if (box && (box.left < list.left - 1 || box.right > list.right + 1)) wide.push('the open tab is out of sight: ' + tab.textContent);
  return root.scrollWidth > root.clientWidth ? ['the page is ' + root.scrollWidth + ' wide in ' + root.clientWidth, ...wide] : wide;
})()`;

/** As tall as what it shows, so that a picture has all of it. */
const TALL = `Math.min(2400, Math.max(900, ...[...document.querySelectorAll('main, .pf-v6-c-page__main-container, #content')].map((el) => el.scrollHeight + 140)))`;

/** The frame follows a new width a moment later. */
const FOLLOWED = `(() => { const head = document.querySelector('.pf-v6-c-masthead');
  return !head || head.classList.contains('pf-m-display-inline') === innerWidth >= 768; })()`;

/** A colour on its way from one theme to the other is nobody's. */
const TURNING = `document.getAnimations().some((one) => one instanceof CSSTransition && one.playState === 'running')`;

const paint = async (page: Page, theme: (typeof THEMES)[number]): Promise<void> => {
  await page.evaluate(
    `(() => { localStorage.setItem('portreeve.ui.theme', '${theme}');
      document.documentElement.classList.toggle('pf-v6-theme-dark', ${theme === 'dark'}); })()`,
  );
  await expect.poll(() => page.evaluate(TURNING)).toBe(false);
};

const faultsOf = async (page: Page): Promise<string[]> => {
  const { violations } = await new AxeBuilder({ page }).withTags(WCAG).analyze();
  // A line of a log is as high as its text: what stands in it is no smaller than that (WCAG 2.5.8, inline).
  const inLog = ({ html }: { html: string }) => /class="log-view_(time|who)/.test(html);
  return violations.flatMap(({ id, nodes }) =>
    nodes
      .filter((node) => id !== 'target-size' || !inLog(node))
      .slice(0, 3)
      .map(
        ({ html, failureSummary = '' }) =>
          `${id}: ${html.slice(0, 160)} ${failureSummary.split('\n').slice(1, 2).join('').trim()}`,
      ),
  );
};

const judge = async (page: Page): Promise<string[]> => [
  ...(await faultsOf(page)),
  ...((await page.evaluate(STICKS_OUT)) as string[]),
];

/** Waits until the page shows what it has: no skeleton, and nothing that still turns. */
const settled = async (page: Page): Promise<void> => {
  await expect(page.locator('h1').first()).toBeVisible();
  await expect(page.getByLabel('Loading')).toHaveCount(0);
  // For the pictures: what comes late and has no place kept for it.
  if (!ON_CI) await page.waitForLoadState('networkidle', { timeout: 4_000 }).catch(() => undefined);
  await page.evaluate('document.fonts.ready');
};

/** Everything that is wrong with one page as it stands; takes its pictures, for a person all four of them. */
const look = async (page: Page, state: string, { name }: Screen, turn: number): Promise<string[]> => {
  const wrong: string[] = [];
  for (const { width, height } of SIZES) {
    await page.setViewportSize({ width, height });
    await expect.poll(() => page.evaluate(FOLLOWED)).toBe(true);
    for (const theme of THEMES) {
      // Light and wide, dark and narrow: after these two every theme and every width has been judged.
      const judged = (theme === 'light') === (width === 1440);
      // There each page is judged in one of the two, and in the other one in its next state: twice as many take too long.
      if (ON_CI && (!judged || (width === 1440) !== (turn % 2 === 0))) continue;
      await paint(page, theme);
      if (judged)
        wrong.push(...(await judge(page)).map((fault) => `${state}/${name} ${theme} ${width}: ${fault}`));
      if (ON_CI) continue;
      await page.setViewportSize({ width, height: (await page.evaluate(TALL)) as number });
      const path = join(test.info().project.outputDir, 'looks', state, `${name}-${theme}-${width}.png`);
      await page.screenshot({ path, animations: 'disabled' });
      await page.setViewportSize({ width, height });
    }
  }
  return wrong;
};

/** What the browser itself complains about, gathered while pages are visited. */
const complaintsOf = (page: Page): string[] => {
  const heard: string[] = [];
  page.on('console', (message) => {
    if (message.type() !== 'error') return;
    const { url } = message.location();
    // What the API answered is told by the page; the browser says it once more.
    if (url.includes('/api/v1/') || message.text().startsWith('WebSocket connection')) return;
    heard.push(`${message.text()} ${url}`);
  });
  page.on('pageerror', (error) => heard.push(error.message));
  return heard;
};

/** Visits every screen, looks at each, and fails with everything that was found. */
export const walk = async (
  page: Page,
  origin: string,
  state: string,
  screens: readonly Screen[],
): Promise<void> => {
  const wrong: string[] = [];
  const heard = complaintsOf(page);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  for (const [index, screen] of screens.entries())
    await test.step(screen.name, async () => {
      await page.setViewportSize(SIZES[0]);
      await page.goto(origin + screen.path);
      await settled(page);
      wrong.push(...(await look(page, state, screen, index + state.length)));
      wrong.push(...heard.splice(0).map((text) => `${state}/${screen.name}: the browser says ${text}`));
    });
  page.removeAllListeners('console');
  page.removeAllListeners('pageerror');
  await page.setViewportSize(SIZES[0]);
  expect(wrong).toEqual([]);
};
