import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, type Page, test } from '@playwright/test';
import { routes } from '@portreeve/contract';
import { paths } from '../../apps/web/src/lib/paths.ts';
import { pushShop } from '../../examples/shop/build.ts';
import { joinHosts } from '../console/hosts.ts';
import { type Operator, PASSWORD, signIn } from '../console/operator.ts';
import { type Product, startProduct } from '../console/product.ts';
import { eventually, type Lab, startLab } from '../lab/lab.ts';
import { walk } from './looks.ts';
import { signInAt } from './places.ts';
import { type Ids, objectScreens, PLACES } from './screens.ts';

const COMPOSE = readFileSync(new URL('../../examples/shop/compose.yaml', import.meta.url), 'utf8');
const ROOT = { query: { project: '/' } };
const NOWHERE = '01900000-0000-7000-8000-000000000000';
const NONE: Ids = { stack: NOWHERE, service: NOWHERE, rollout: NOWHERE, task: NOWHERE, node: NOWHERE };

let lab: Lab;
let product: Product;
let operator: Operator;
let page: Page;
let shop: Awaited<ReturnType<typeof pushShop>>;

const find = () => operator.call(routes.stacks.find, { params: { name: 'shop' }, ...ROOT });
const apply = (name: string, compose: string, values: Record<string, string> = {}) =>
  operator.call(routes.stacks.apply, {
    params: { name },
    ...ROOT,
    body: { application: { files: { 'compose.yaml': compose }, values } },
  });
const healthyShop = () =>
  eventually(async () => (await find()).state === 'healthy', { timeout: 180_000, what: 'a healthy shop' });

/** Everything that pages can show: a rolled and a failing service, files, a config, a token, an alert's channel. */
const fill = async (): Promise<void> => {
  const registry = lab.registry?.address ?? '';
  await joinHosts(operator, lab.hosts, lab.bridgeAddress, ({ name }) => ({ zone: `rack-${name.at(-1)}` }));
  await operator.call(routes.registries.create, {
    ...ROOT,
    body: { host: registry, plainHttp: true, allowPrivateAddress: true },
  });
  await apply('shop', COMPOSE, shop('1'));
  await healthyShop();
  await apply('shop', COMPOSE, { ...shop('1'), SHOP_WEB: shop('2').SHOP_WEB });
  await apply(
    'broken',
    `services: { crash: { image: '${registry}/web:crash', healthcheck: { disable: true } } }`,
  );
  await operator.call(routes.configs.create, { ...ROOT, body: { name: 'motd', contentBase64: 'aGVsbG8K' } });
  await operator.call(routes.secrets.create, { ...ROOT, body: { name: 'key', contentBase64: 'aGVsbG8K' } });
  await operator.call(routes.alerts.createChannel, {
    body: { kind: 'webhook', name: 'On call', url: 'https://hooks.example.com/portreeve' },
  });
  await healthyShop();
};

const idsOf = async (): Promise<Ids> => {
  const { id, serviceList } = await find();
  const service = serviceList.find(({ name }) => name === 'web')?.id ?? '';
  const { tasks } = await operator.call(routes.services.get, { params: { id: service } });
  const rollouts = await operator.call(routes.services.rollouts, { params: { id: service }, query: {} });
  return {
    stack: id,
    service,
    rollout: rollouts.items[0]?.id ?? '',
    task: tasks[0]?.id ?? '',
    node: tasks[0]?.node?.id ?? '',
  };
};

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser }) => {
  test.setTimeout(600_000);
  lab = await startLab({ hosts: 2 });
  shop = await pushShop(lab.registry?.address ?? '');
  product = await startProduct({ address: lab.bridgeAddress });
  operator = await signIn(product, product.firstPassword ?? '');
  page = await (await browser.newContext()).newPage();
});
test.afterAll(async () => {
  await page?.close();
  await product?.stop();
  await lab?.stop();
});

test('every route of the console is looked at', () => {
  const app = fileURLToPath(new URL('../../apps/web/src/app', import.meta.url));
  const pages = readdirSync(app, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('page.tsx'))
    .map((path) =>
      `/${path}`
        .replace('/(console)', '')
        .replace(/\/page\.tsx$/, '')
        .replace(/\/\[\[\.\.\.tab\]\]$/, ''),
    );
  const patternOf = (path: string) =>
    path
      .split('?')[0]
      ?.split('/')
      .map((part) => (part === NOWHERE ? '[id]' : part))
      .join('/');
  const seen = new Set(
    [...PLACES, ...objectScreens(NONE), { path: paths.signIn() }].map(({ path }) => patternOf(path)),
  );
  expect(pages.filter((path) => !seen.has(path === '' ? '/' : path))).toEqual([]);
});

test('the sign-in page, and every page while there is nothing to show', async () => {
  await walk(page, product.url, 'empty', [{ name: 'sign-in', path: paths.signIn() }]);
  await signInAt(page, product.url, PASSWORD);
  await page.waitForURL(`${product.url}/`);
  await walk(page, product.url, 'empty', PLACES);
});

test('every page while there is much to show', async () => {
  await fill();
  await walk(page, product.url, 'full', [...PLACES, ...objectScreens(await idsOf())]);
});

test('pages of things that are not there', async () => {
  const objects = objectScreens(NONE).filter(({ name }) => !name.includes('-'));
  await walk(page, product.url, 'not-found', objects);
});
