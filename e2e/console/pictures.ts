import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { routes } from '@portreeve/contract';
import { pushShop } from '../../examples/shop/build.ts';
import type { ShopVersion } from '../../examples/shop/images.ts';
import { eventually, startLab } from '../lab/lab.ts';
import { joinHosts } from './hosts.ts';
import { PASSWORD, signIn } from './operator.ts';
import { startProduct } from './product.ts';

/**
 * Takes the README's pictures: the shop on three real hosts, in the middle of a rollout, beside a service that fails.
 * Run it after a change of these pages: `node e2e/console/pictures.ts`.
 */
const IMAGES = new URL('../../docs/images/', import.meta.url);
const COMPOSE = readFileSync(new URL('../../examples/shop/compose.yaml', import.meta.url), 'utf8');
const PROJECT = { project: '/' };
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'];

const lab = await startLab({ hosts: 3 });
const product = await startProduct({ address: lab.bridgeAddress });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
try {
  const operator = await signIn(product, product.firstPassword ?? '');
  await joinHosts(operator, lab.hosts, lab.bridgeAddress, ({ name }) => ({ zone: `rack-${name.at(-1)}` }));
  const registry = lab.registry?.address ?? '';
  const body = { host: registry, plainHttp: true, allowPrivateAddress: true };
  await operator.call(routes.registries.create, { query: PROJECT, body });
  const shop = await pushShop(registry);
  const apply = (name: string, compose: string, values: Record<string, string> = {}) =>
    operator.call(routes.stacks.apply, {
      params: { name },
      query: PROJECT,
      body: { application: { files: { 'compose.yaml': compose }, values } },
    });
  const deploy = (version: ShopVersion) => apply('shop', COMPOSE, shop(version));
  const find = () => operator.call(routes.stacks.find, { params: { name: 'shop' }, query: PROJECT });
  await deploy('1');
  await eventually(async () => (await find()).state === 'healthy', {
    timeout: 120_000,
    what: 'a healthy shop',
  });

  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    viewport: { width: 1440, height: 900 },
  });
  const page = await context.newPage();
  await page.goto(`${product.url}/sign-in`);
  await page.getByLabel('Name', { exact: false }).first().fill('admin');
  await page.getByLabel('Password', { exact: false }).first().fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Stacks' }).waitFor();
  const shoot = async (path: string, name: string, seen: string, theme = 'light'): Promise<void> => {
    await page.evaluate(`localStorage.setItem('portreeve.ui.theme', '${theme}')`);
    await page.goto(`${product.url}${path}`);
    await page.getByText(seen).first().waitFor();
    await page.waitForLoadState('networkidle').catch(() => undefined);
    await page.screenshot({ path: fileURLToPath(new URL(`${name}.png`, IMAGES)) });
  };
  await shoot('/nodes', 'nodes', 'node-3', 'dark');
  const web = (await find()).serviceList.find(({ name }) => name === 'web');
  await deploy('2');
  await shoot(`/services/${web?.id}`, 'service', 'Next');
  await eventually(async () => (await find()).state === 'healthy', { timeout: 120_000, what: 'the rollout' });
  await apply(
    'mail',
    `services: { mailer: { image: '${registry}/web:crash', healthcheck: { disable: true } } }`,
  );
  await shoot('/', 'overview', 'Tasks of mail/mailer ended');
} finally {
  await browser.close();
  await product.stop();
  await lab.stop();
}
