import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, type Page, test } from '@playwright/test';
import { routes } from '@portreeve/contract';
import { pushShop } from '../../examples/shop/build.ts';
import { PASSWORD, signIn } from '../console/operator.ts';
import { type Product, startProduct } from '../console/product.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import {
  addNode,
  applyWith,
  criticalFaults,
  firstSignIn,
  openService,
  ready,
  rolloutOver,
} from './console.ts';

const COMPOSE = fileURLToPath(new URL('../../examples/shop/compose.yaml', import.meta.url));

test.describe.configure({ mode: 'serial' });

let lab: Lab;
let product: Product;
let page: Page;
let stackUrl: string;
let shop: Awaited<ReturnType<typeof pushShop>>;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(600_000);
  lab = await startLab({ hosts: 2 });
  shop = await pushShop(lab.registry?.address ?? '');
  product = await startProduct({ address: lab.bridgeAddress });
  // axe wants a context of its own, which newPage alone does not give.
  page = await (await browser.newContext()).newPage();
});
test.afterAll(async () => {
  await page?.close();
  await product?.stop();
  await lab?.stop();
});

test('the first person signs in and chooses a password', async () => {
  await firstSignIn(page, product.url, product.firstPassword ?? '');
  await expect(page.getByText('Add a host')).toBeVisible();
});

test('two hosts join by the pasted command', async () => {
  for (const host of lab.hosts) await addNode(page, host);
  await page.getByRole('link', { name: 'All nodes' }).click();
  for (const host of lab.hosts)
    await expect(page.getByRole('link', { name: host.name, exact: true }).first()).toBeVisible();
});

test('a Compose file is uploaded, its plan is read, and twelve tasks get ready', async () => {
  const operator = await signIn(product, PASSWORD);
  await operator.call(routes.registries.create, {
    query: { project: '/' },
    body: { host: lab.registry?.address ?? '', plainHttp: true, allowPrivateAddress: true },
  });
  await page.goto(`${product.url}/deploy`);
  await page.getByLabel('Name of the stack').fill('shop');
  await page.getByTestId('upload').setInputFiles({
    name: 'compose.yaml',
    mimeType: 'application/yaml',
    buffer: readFileSync(COMPOSE),
  });
  await applyWith(page, shop('1'));
  stackUrl = page.url();
  await expect(ready(page, 12)).toBeVisible({ timeout: 120_000 });
});

test('a good version rolls while the page shows each slot turn', async () => {
  await page.goto(`${product.url}/deploy?stack=${stackUrl.split('/').at(-1)}`);
  await applyWith(page, { ...shop('1'), SHOP_WEB: shop('2').SHOP_WEB });
  await openService(page, stackUrl, 'web');
  await expect(page.getByText(/Never fewer than 6 ready/).first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'Undo to 1' })).toBeVisible({ timeout: 120_000 });
  await rolloutOver(page);
  await expect(ready(page, 6)).toBeVisible({ timeout: 60_000 });
  expect(await criticalFaults(page)).toEqual([]);
});

test('a version that never gets healthy is rolled back by itself', async () => {
  await page.goto(`${product.url}/deploy?stack=${stackUrl.split('/').at(-1)}`);
  await applyWith(page, { ...shop('1'), SHOP_WEB: shop('bad').SHOP_WEB });
  await openService(page, stackUrl, 'web');
  await page.getByRole('tab', { name: 'Rollouts' }).click();
  await expect(page.getByText('rolled back').first()).toBeVisible({ timeout: 180_000 });
  await rolloutOver(page);
  await expect(ready(page, 6)).toBeVisible();
});

test('undo takes two presses', async () => {
  await openService(page, stackUrl, 'web');
  await page.getByRole('button', { name: 'Undo to 1' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Undo to 1' }).click();
  await rolloutOver(page);
  await expect(page.locator('header').getByText(/shop-web:1/)).toBeVisible({ timeout: 60_000 });
});

test('the logs of all tasks are one log, followed', async () => {
  await page.getByRole('tab', { name: 'Logs' }).click();
  await expect(page.getByRole('log').getByText('web 1 listens on 8080').first()).toBeVisible();
  await expect(page.getByText(/following/)).toBeVisible();
});

test('a terminal runs what is typed', async () => {
  await page.getByRole('tab', { name: 'Terminal' }).click();
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await expect(page.locator('.xterm-rows')).toContainText('$');
  await page.locator('.xterm-helper-textarea').pressSequentially('echo $((6*7))00\n');
  await expect(page.locator('.xterm-rows')).toContainText('4200');
});

test('removing the stack asks first and leaves nothing running', async () => {
  await page.goto(stackUrl);
  await page.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByText('No stack yet')).toBeVisible({ timeout: 60_000 });
});
