import { existsSync, readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import { routes } from '@portreeve/contract';
import { pushShop, type ShopValues } from '../../examples/shop/build.ts';
import type { ShopVersion } from '../../examples/shop/images.ts';
import { joinHosts } from '../console/hosts.ts';
import { type Operator, PASSWORD, signIn } from '../console/operator.ts';
import { type Product, startProduct } from '../console/product.ts';
import { eventually, type Lab, startLab } from '../lab/lab.ts';
import { askAll, watchReady } from './callers.ts';
import { containersOf } from './containers.ts';
import {
  choose,
  confirm,
  goTo,
  openNode,
  openService,
  openStack,
  openTab,
  readyBar,
  signInAt,
} from './places.ts';

/** A machine with two cores and all of this at once is slow, not unhealthy. */
const COMPOSE = readFileSync(new URL('../../examples/shop/compose.yaml', import.meta.url), 'utf8').replace(
  'timeout: 3s',
  'timeout: 20s',
);
const WEB_TASKS = 6;
const SLOW = { timeout: 180_000 };
const ROOT = { query: { project: '/' } };

let lab: Lab;
let product: Product;
let page: Page;
let operator: Operator;
let shop: (version: ShopVersion) => ShopValues;

/** Deploys the shop with one version of web, as a pipeline would. */
const deploy = (version: ShopVersion) =>
  operator.call(routes.stacks.apply, {
    params: { name: 'shop' },
    ...ROOT,
    body: {
      application: {
        files: { 'compose.yaml': COMPOSE },
        values: { ...shop('1'), SHOP_WEB: shop(version).SHOP_WEB },
      },
    },
  });

const versionsOfWeb = async (): Promise<string[]> =>
  (await askAll(lab, '/status')).map((answer) => (JSON.parse(answer) as { version: string }).version);
const allOf = (version: string): string[] => Array.from({ length: WEB_TASKS }, () => version);

/** The hosts that do not hold the shop's volume, whose task could run nowhere else. */
const hostsWithoutVolume = async (): Promise<string[]> => {
  const stack = await operator.call(routes.stacks.find, {
    params: { name: 'shop' },
    ...ROOT,
  });
  const holders = stack.volumes.map(({ node }) => node);
  return lab.hosts.map(({ name }) => name).filter((name) => !holders.includes(name));
};

const rolloutEnds = (words: string) =>
  expect(page.getByRole('grid', { name: 'Rollouts' }).getByRole('row').nth(1)).toContainText(words, SLOW);

/** It may have ended by itself since it was found. */
const killIfThere = (pid: number): void => {
  if (existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGKILL');
};

/** The supervisor starts it anew with growing patience; each start is killed until the time is over. */
const keepDatabaseDead = async (ms: number): Promise<void> => {
  const until = Date.now() + ms;
  while (Date.now() < until) {
    const pid = await product.databasePid();
    if (Date.now() < until) killIfThere(pid);
    await eventually(() => !existsSync(`/proc/${pid}`) || Date.now() >= until, { timeout: ms });
  }
};

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser }) => {
  test.setTimeout(600_000);
  lab = await startLab({ hosts: 3 });
  const registry = lab.registry?.address ?? '';
  shop = await pushShop(registry);
  product = await startProduct({ address: lab.bridgeAddress });
  operator = await signIn(product, product.firstPassword ?? '');
  await joinHosts(operator, lab.hosts, lab.bridgeAddress);
  await operator.call(routes.registries.create, {
    ...ROOT,
    body: { host: registry, plainHttp: true, allowPrivateAddress: true },
  });
  await deploy('1');
  page = await browser.newPage();
  await signInAt(page, product.url, PASSWORD);
  await openStack(page, 'shop');
  await expect(readyBar(page, '12 of 12 ready')).toBeVisible(SLOW);
});
test.afterAll(async () => {
  await page?.close();
  await product?.stop();
  await lab?.stop();
});

test('scales up and down again without a restart', async () => {
  const before = await containersOf(lab);
  await openService(page, 'shop', 'web');
  await page.getByRole('button', { name: 'Scale', exact: true }).click();
  await page.getByLabel('Replicas').fill('8');
  await page.getByRole('dialog').getByRole('button', { name: 'Scale', exact: true }).click();
  await expect(readyBar(page, '8 of 8 ready')).toBeVisible(SLOW);
  await page.getByRole('button', { name: 'Scale', exact: true }).click();
  await page.getByLabel('Replicas').fill(`${WEB_TASKS}`);
  await page.getByRole('dialog').getByRole('button', { name: 'Scale', exact: true }).click();
  await expect(readyBar(page, '6 of 6 ready')).toBeVisible(SLOW);
  await eventually(async () => (await containersOf(lab)).length === before.length, {
    timeout: 60_000,
    what: 'the added tasks to be gone',
  });
  expect(await containersOf(lab)).toEqual(before);
});

test('rolls to version 2 while every task is asked, never with fewer ready than allowed', async () => {
  const watch = watchReady(lab);
  await deploy('2');
  await openService(page, 'shop', 'web');
  await openTab(page, 'Rollouts');
  await rolloutEnds('succeeded');
  await expect.poll(versionsOfWeb, SLOW).toEqual(allOf('2'));
  const { samples, fewest } = await watch.end();
  expect(samples).toBeGreaterThan(20);
  expect(fewest).toBeGreaterThanOrEqual(WEB_TASKS);
});

test('F-20 rolls to a version that never gets healthy: it is rolled back by itself', async () => {
  const watch = watchReady(lab);
  await deploy('bad');
  await openService(page, 'shop', 'web');
  await openTab(page, 'Rollouts');
  await rolloutEnds('rolled back');
  const { fewest } = await watch.end();
  expect(fewest).toBeGreaterThanOrEqual(WEB_TASKS);
  await expect(readyBar(page, '6 of 6 ready')).toBeVisible(SLOW);
});

test('F-11 loses a host: its tasks run elsewhere, and it comes back ready', async () => {
  const [name = ''] = await hostsWithoutVolume();
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

test('F-1 kills the server in the middle of a rollout: another start carries on', async () => {
  await openService(page, 'shop', 'web');
  await choose(page, 'More for web', 'Restart');
  await expect(page.getByText(/[1-5] of 6 turned/).first()).toBeVisible(SLOW);
  const killed = await product.serverPid();
  process.kill(killed, 'SIGKILL');
  await expect(page.getByRole('status').filter({ hasText: 'reconnecting' })).toBeVisible();
  await expect(page.getByRole('status').filter({ hasText: 'live' })).toBeVisible(SLOW);
  await openTab(page, 'Rollouts');
  await rolloutEnds('succeeded');
  await expect(readyBar(page, '6 of 6 ready')).toBeVisible(SLOW);
  expect(await product.serverPid()).not.toBe(killed);
  await eventually(async () => (await askAll(lab, '/healthz')).length === WEB_TASKS, {
    timeout: 60_000,
    what: 'no task doubled or forgotten',
  });
});

test('F-5 loses its database: the console says so, nothing stops, all resumes', async () => {
  await openStack(page, 'shop');
  const before = await containersOf(lab);
  const outage = keepDatabaseDead(20_000);
  await expect(page.getByRole('status').filter({ hasText: 'the database is away' })).toBeVisible();
  await outage;
  await expect(page.getByRole('status').filter({ hasText: 'live' })).toBeVisible(SLOW);
  await expect(readyBar(page, '12 of 12 ready')).toBeVisible(SLOW);
  expect(await containersOf(lab)).toEqual(before);
});

test('drains a host, and lets it take tasks again', async () => {
  const [name = ''] = await hostsWithoutVolume();
  await openNode(page, name);
  const watch = watchReady(lab);
  await confirm(page, 'Drain');
  await expect(page.getByText(/^(All \d+ moved\. The host is empty|Nothing was here)\./)).toBeVisible(SLOW);
  const { fewest } = await watch.end();
  expect(fewest).toBeGreaterThanOrEqual(WEB_TASKS);
  await openNode(page, name);
  await confirm(page, 'Stop drain');
  await confirm(page, 'Uncordon');
  await openStack(page, 'shop');
  await expect(readyBar(page, '12 of 12 ready')).toBeVisible(SLOW);
});

test('goes back to the first revision', async () => {
  await openService(page, 'shop', 'web');
  await openTab(page, 'Revisions');
  const table = page.getByRole('grid', { name: 'Revisions' });
  await table.getByRole('button', { name: 'Undo to 1', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Undo to 1', exact: true }).click();
  await openTab(page, 'Rollouts');
  await rolloutEnds('succeeded');
  await expect.poll(versionsOfWeb, SLOW).toEqual(allOf('1'));
});

test('removes the stack, and the hosts are empty', async () => {
  await openStack(page, 'shop');
  await confirm(page, 'Remove');
  await expect(page.getByText('No stack yet').first()).toBeVisible(SLOW);
  await eventually(async () => (await containersOf(lab)).length === 0, {
    timeout: 60_000,
    what: 'no container to be left',
  });
});
