import { readFileSync } from 'node:fs';
import { routes } from '@portreeve/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pushShop } from '../../examples/shop/build.ts';
import { eventually } from '../lab/eventually.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { joinHosts } from './hosts.ts';
import { type Operator, signIn } from './operator.ts';
import { type Product, startProduct } from './product.ts';

const COMPOSE = readFileSync(new URL('../../examples/shop/compose.yaml', import.meta.url), 'utf8');

let lab: Lab;
let product: Product;
let operator: Operator;

beforeAll(async () => {
  lab = await startLab({ hosts: 3 });
  product = await startProduct({ address: lab.bridgeAddress, env: { PORTREEVE_WEB: 'none' } });
  operator = await signIn(product, product.firstPassword ?? '');
});
afterAll(async () => {
  await product?.stop();
  await lab?.stop();
});

describe('the shop on three hosts', () => {
  it('joins three hosts by the pasted command', async () => {
    const nodes = await joinHosts(operator, lab.hosts, lab.bridgeAddress);
    expect([...nodes.keys()].sort()).toEqual(lab.hosts.map(({ name }) => name).sort());
  });

  it('deploys twelve tasks that all get ready', async () => {
    const registry = lab.registry?.address ?? '';
    await operator.call(routes.registries.create, {
      query: { project: '/' },
      body: { host: registry, plainHttp: true, allowPrivateAddress: true },
    });
    const values = (await pushShop(registry))('1');
    const plan = await operator.call(routes.stacks.plan, {
      params: { name: 'shop' },
      query: { project: '/' },
      body: { files: { 'compose.yaml': COMPOSE }, values },
    });
    expect(plan).toMatchObject({ refusals: [], applicable: true });
    await operator.call(routes.stacks.apply, {
      params: { name: 'shop' },
      query: { project: '/' },
      body: { plan: plan.id ?? '' },
    });
    const stack = await eventually(
      async () => {
        const found = await operator.call(routes.stacks.find, {
          params: { name: 'shop' },
          query: { project: '/' },
        });
        return found.state === 'healthy' && found;
      },
      { timeout: 120_000, what: 'a healthy stack' },
    );
    expect(stack.count).toEqual({ ready: 12, wanted: 12 });
  });
});
