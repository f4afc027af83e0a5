import { readFileSync } from 'node:fs';
import { test as base, type Page } from '@playwright/test';
import { routes } from '@portreeve/contract';
import { pushShop } from '../../examples/shop/build.ts';
import { joinHosts } from '../console/hosts.ts';
import { type Operator, PASSWORD, signIn } from '../console/operator.ts';
import { type Product, startProduct } from '../console/product.ts';
import { eventually, type Lab, startLab } from '../lab/lab.ts';
import { accessIdsOf, fillAccess } from './access-world.ts';
import { signInAt } from './places.ts';
import type { Ids } from './screens.ts';

const COMPOSE = readFileSync(new URL('../../examples/shop/compose.yaml', import.meta.url), 'utf8');
const ROOT = { query: { project: '/' } };
/** Version 3 crashes after 3 s, the two before it were good. */
const BROKEN = (registry: string, tag: string) =>
  `services: { crash: { image: '${registry}/web:${tag}', healthcheck: { disable: true } } }`;

/** A console with two hosts, shared by the files that only look at it. */
export type World = {
  lab: Lab;
  product: Product;
  operator: Operator;
  shop: Awaited<ReturnType<typeof pushShop>>;
  page: Page;
};

const find = (operator: Operator) => operator.call(routes.stacks.find, { params: { name: 'shop' }, ...ROOT });

const apply = (operator: Operator, name: string, compose: string, values: Record<string, string> = {}) =>
  operator.call(routes.stacks.apply, {
    params: { name },
    ...ROOT,
    body: { application: { files: { 'compose.yaml': compose }, values } },
  });

const healthyShop = (operator: Operator) =>
  eventually(async () => (await find(operator)).state === 'healthy', {
    timeout: 180_000,
    what: 'a healthy shop',
  });

/** Makes everything that pages can show, once: a rolled and a failing service, files, a channel. */
export const fill = async ({ lab, operator, shop }: World): Promise<void> => {
  const { items } = await operator.call(routes.stacks.list, { query: {} });
  if (items.length > 0) return;
  const registry = lab.registry?.address ?? '';
  await joinHosts(operator, lab.hosts, lab.bridgeAddress, ({ name }) => ({ zone: `rack-${name.at(-1)}` }));
  const body = { host: registry, plainHttp: true, allowPrivateAddress: true };
  await operator.call(routes.registries.create, { ...ROOT, body });
  await apply(operator, 'shop', COMPOSE, shop('1'));
  await healthyShop(operator);
  await apply(operator, 'shop', COMPOSE, { ...shop('1'), SHOP_WEB: shop('2').SHOP_WEB });
  await apply(operator, 'broken', BROKEN(registry, 'crash'));
  await operator.call(routes.configs.create, { ...ROOT, body: { name: 'motd', contentBase64: 'aGVsbG8K' } });
  await operator.call(routes.secrets.create, { ...ROOT, body: { name: 'key', contentBase64: 'aGVsbG8K' } });
  await operator.call(routes.alerts.createChannel, {
    body: { kind: 'webhook', name: 'On call', url: 'https://hooks.example.com/portreeve' },
  });
  await fillAccess(operator);
  await healthyShop(operator);
};

/** One object of each kind that has a page. */
export const idsOf = async ({ operator }: World): Promise<Ids> => {
  const { id, serviceList } = await find(operator);
  const service = serviceList.find(({ name }) => name === 'web')?.id ?? '';
  const { tasks } = await operator.call(routes.services.get, { params: { id: service } });
  const rollouts = await operator.call(routes.services.rollouts, { params: { id: service }, query: {} });
  return {
    stack: id,
    service,
    rollout: rollouts.items[0]?.id ?? '',
    task: tasks[0]?.id ?? '',
    node: tasks[0]?.node?.id ?? '',
    ...(await accessIdsOf(operator)),
  };
};

/** Signs in on the page of the world, once. */
export const arrived = async ({ page, product }: World): Promise<void> => {
  if ((await page.context().cookies()).length > 0) return;
  await signInAt(page, `${product.url}/sign-in`, PASSWORD);
  await page.waitForURL(`${product.url}/`);
};

/** `test` with a world of its worker; the first who asks starts it. */
export const test = base.extend<object, { world: World }>({
  world: [
    async ({ browser }, use) => {
      const lab = await startLab({ hosts: 2 });
      const shop = await pushShop(lab.registry?.address ?? '');
      const product = await startProduct({ address: lab.bridgeAddress });
      const operator = await signIn(product, product.firstPassword ?? '');
      const context = await browser.newContext({ ignoreHTTPSErrors: true });
      await use({ lab, product, operator, shop, page: await context.newPage() });
      await context.close();
      await product.stop();
      await lab.stop();
    },
    { scope: 'worker', timeout: 600_000 },
  ],
});
