import { readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import { routes } from '@portreeve/contract';
import { pushShop } from '../../examples/shop/build.ts';
import type { ShopVersion } from '../../examples/shop/images.ts';
import { type Operator, PASSWORD, signIn } from '../console/operator.ts';
import { type Product, startProduct } from '../console/product.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { askAll, watchReady } from './callers.ts';
import { addNode, addRegistry, applyWith, firstSignIn, pasteFile } from './console.ts';
import { containersOf } from './containers.ts';
import { hangDatabase, keepDatabaseDead } from './outage.ts';
import {
  choose,
  confirm,
  goTo,
  liveMark,
  openNode,
  openService,
  openStack,
  openTab,
  readyBar,
} from './places.ts';

test.use({ trace: 'retain-on-failure' });

/** The main job from first sign-in to removal, each clause once, by hand in the browser and seen from outside. */
const COMPOSE = readFileSync(new URL('../../examples/shop/compose.yaml', import.meta.url), 'utf8');
const WEB_TASKS = 6;
const SLOW = { timeout: 180_000 };

let lab: Lab;
let product: Product;
let page: Page;
let shop: Awaited<ReturnType<typeof pushShop>>;
let operator: Operator;

const versionsOfWeb = async (): Promise<string[]> =>
  (await askAll(lab, '/status')).map((answer) => (JSON.parse(answer) as { version: string }).version);
const allOf = (version: ShopVersion): string[] => Array.from({ length: WEB_TASKS }, () => version);

/** A host that does not hold the shop's volume, whose task could run nowhere else. */
const hostWithoutVolume = async (): Promise<string> => {
  const { volumes } = await operator.call(routes.stacks.find, {
    params: { name: 'shop' },
    query: { project: '/' },
  });
  const free = lab.hosts.find(({ name }) => volumes.every(({ node }) => node !== name));
  return free?.name ?? '';
};

/** Deploys another version of web by *Deploy* and the one value that changes: the others are kept. */
const rollTo = async (version: ShopVersion): Promise<void> => {
  await openService(page, 'shop', 'web');
  await page.getByRole('link', { name: 'Deploy', exact: true }).click();
  await applyWith(page, { SHOP_WEB: shop(version).SHOP_WEB });
  await openService(page, 'shop', 'web');
};

const rolloutEnds = async (words: string): Promise<void> => {
  await openTab(page, 'Rollouts');
  const newest = page.getByRole('grid', { name: 'Rollouts' }).getByRole('row').nth(1);
  await expect(newest).toContainText(words, SLOW);
};

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser }) => {
  test.setTimeout(600_000);
  lab = await startLab({ hosts: 3 });
  shop = await pushShop(lab.registry?.address ?? '');
  product = await startProduct({ address: lab.bridgeAddress });
  const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] });
  page = await context.newPage();
});
test.afterAll(async () => {
  await page?.close();
  await product?.stop();
  await lab?.stop();
});

test('the first person signs in with the printed password, which works once, and chooses another', async () => {
  const printed = product.firstPassword ?? '';
  await firstSignIn(page, product.url, printed);
  await expect(page.getByText('Add a host')).toBeVisible();
  await expect(signIn(product, printed)).rejects.toThrow();
  operator = await signIn(product, PASSWORD);
});

test('three hosts join by the command shown, and the page turns green for each', async () => {
  for (const host of lab.hosts) await addNode(page, host);
  await page.getByRole('link', { name: 'All nodes' }).click();
  await expect(page.getByText('all 3 heard from')).toBeVisible();
});

test('the shop is pasted into the editor, its plan is read, and twelve tasks get ready', async () => {
  await addRegistry(page, lab.registry?.address ?? '');
  await goTo(page, 'Stacks');
  await page.getByRole('link', { name: 'Deploy a stack' }).first().click();
  await page.getByLabel('Name of the stack').pressSequentially('shop');
  await pasteFile(page, COMPOSE);
  const web = page.locator('[data-service="web"]');
  await expect(web).toContainText('6 new tasks');
  for (const [name, value] of Object.entries(shop('1')))
    await page.getByLabel(name, { exact: true }).fill(value);
  await expect(web).toContainText(`${shop('1').SHOP_WEB} sha256:`);
  await expect(web).toContainText(/slot 6\s*node-[123]/);
  await applyWith(page, {});
  await expect(readyBar(page, '12 of 12 ready')).toBeVisible(SLOW);
});

test('the shop opens from its page: web reaches api, and api reaches cache and database', async () => {
  const opens = page.waitForEvent('popup');
  await page
    .getByRole('link', { name: /^10\.77\.\d+\.\d+:80\d\d$/ })
    .first()
    .click();
  const shown = await opens;
  await expect(shown.getByRole('heading', { name: 'Shop, version 1' })).toBeVisible();
  await expect(shown.getByText(/Served by .+, with api 1 on .+/)).toBeVisible();
  await shown.getByRole('button', { name: 'Order one' }).click();
  await expect(shown.getByText(/^1 order, from the (cache|database)\./)).toBeVisible();
  await shown.reload();
  await expect(shown.getByText('1 order, from the cache.')).toBeVisible();
  await shown.close();
});

test('a good version rolls while every task is asked, never with fewer ready than allowed', async () => {
  const watch = watchReady(lab);
  await rollTo('2');
  await expect(page.getByText(/Never fewer than 6 ready/).first()).toBeVisible();
  await rolloutEnds('succeeded');
  await expect.poll(versionsOfWeb, SLOW).toEqual(allOf('2'));
  const { samples, fewest } = await watch.end();
  expect(samples).toBeGreaterThan(20);
  expect(fewest).toBeGreaterThanOrEqual(WEB_TASKS);
});

test('a version that never gets healthy is rolled back by itself, never with fewer ready than allowed', async () => {
  const watch = watchReady(lab);
  await rollTo('bad');
  await rolloutEnds('rolled back');
  await expect(readyBar(page, '6 of 6 ready')).toBeVisible(SLOW);
  await expect.poll(versionsOfWeb, SLOW).toEqual(allOf('2'));
  expect((await watch.end()).fewest).toBeGreaterThanOrEqual(WEB_TASKS);
});

test('a host is killed: its tasks run elsewhere; it comes back and is used again', async () => {
  const name = await hostWithoutVolume();
  await lab.host(name).kill();
  await goTo(page, 'Nodes');
  const row = page.getByRole('grid', { name: 'Nodes' }).getByRole('row').filter({ hasText: name }).first();
  await expect(row).toContainText('lost', SLOW);
  await openStack(page, 'shop');
  await expect(readyBar(page, '12 of 12 ready')).toBeVisible(SLOW);
  await lab.host(name).boot();
  // No systemd runs in the lab: the agent is started as the host's own init would.
  await lab.host(name).exec(['/usr/local/lib/portreeve/agent', 'install']);
  await goTo(page, 'Nodes');
  await expect(row).toContainText('ready', SLOW);
});

test('the server is killed in the middle of a rollout: the page says so, and another start carries on', async () => {
  await openService(page, 'shop', 'web');
  await choose(page, 'More for web', 'Restart');
  await expect(page.getByText(/[1-5] of 6 turned/).first()).toBeVisible(SLOW);
  const killed = await product.serverPid();
  process.kill(killed, 'SIGKILL');
  await expect(liveMark(page, /reconnecting, data from \d\d:\d\d:\d\d/)).toBeVisible();
  await expect(liveMark(page, 'live')).toBeVisible(SLOW);
  await rolloutEnds('succeeded');
  await expect(readyBar(page, '6 of 6 ready')).toBeVisible(SLOW);
  expect(await product.serverPid()).not.toBe(killed);
  // No task is doubled or forgotten.
  await expect.poll(async () => (await askAll(lab, '/healthz')).length, SLOW).toBe(WEB_TASKS);
});

const OUTAGES = [
  { what: 'is gone for a minute', cause: keepDatabaseDead, ms: 60_000 },
  { what: 'hangs', cause: hangDatabase, ms: 20_000 },
];
for (const { what, cause, ms } of OUTAGES)
  test(`the database ${what}: the page says so, nothing stops, all resumes`, async () => {
    await openStack(page, 'shop');
    await expect(readyBar(page, '12 of 12 ready')).toBeVisible(SLOW);
    const before = await containersOf(lab);
    const watch = watchReady(lab);
    const outage = cause(product, ms);
    await expect(liveMark(page, /the database is away, data from .*; what runs goes on/)).toBeVisible();
    await outage;
    await expect(liveMark(page, 'live')).toBeVisible(SLOW);
    await expect(readyBar(page, '12 of 12 ready')).toBeVisible(SLOW);
    expect((await watch.end()).fewest).toBe(WEB_TASKS);
    expect(await containersOf(lab)).toEqual(before);
    await goTo(page, 'Nodes');
    await expect(page.getByText('all 3 heard from')).toBeVisible(SLOW);
  });

test('a host is drained: the page says before who moves where, and nothing is missing meanwhile', async () => {
  const name = await hostWithoutVolume();
  await openNode(page, name);
  const watch = watchReady(lab);
  await confirm(page, 'Drain');
  await expect(page.getByText(/^(All \d+ moved\. The host is empty|Nothing was here)\./)).toBeVisible(SLOW);
  expect((await watch.end()).fewest).toBeGreaterThanOrEqual(WEB_TASKS);
  await openStack(page, 'shop');
  await expect(readyBar(page, '12 of 12 ready')).toBeVisible(SLOW);
});

test('web goes back to its first revision', async () => {
  await openService(page, 'shop', 'web');
  await openTab(page, 'Revisions');
  await page
    .getByRole('grid', { name: 'Revisions' })
    .getByRole('button', { name: 'Undo to 1', exact: true })
    .click();
  await page.getByRole('dialog').getByRole('button', { name: 'Undo to 1', exact: true }).click();
  await rolloutEnds('succeeded');
  await expect.poll(versionsOfWeb, SLOW).toEqual(allOf('1'));
});

test('the stack is removed, and nothing of it is left running', async () => {
  await openStack(page, 'shop');
  await confirm(page, 'Remove');
  await expect(page.getByText('No stack yet')).toBeVisible(SLOW);
  await expect.poll(() => containersOf(lab), SLOW).toEqual([]);
});
