import { afterAll, beforeAll, expect, it } from 'vitest';
import { platformsOf } from './platforms.ts';
import { openRegistry } from './registry-client.ts';
import { type FakeRegistry, startFakeRegistry } from './test-registry.ts';

let fake: FakeRegistry;
beforeAll(async () => {
  fake = await startFakeRegistry();
});
afterAll(() => fake.close());

const of = async (tag: string): Promise<string[] | undefined> => {
  const registry = openRegistry({ host: fake.host, plainHttp: true, allowPrivateAddress: true });
  const image = { registry: fake.host, repository: 'shop/web', tag };
  const found = await platformsOf(registry, image, await registry.manifest(image));
  await registry.close();
  return found;
};

it('are those of the index, without what is an image for none', async () => {
  fake.pushFor('shop/web', 'many', [
    { os: 'linux', architecture: 'arm64' },
    { os: 'linux', architecture: 'amd64' },
    { os: 'unknown', architecture: 'unknown' },
  ]);
  expect(await of('many')).toEqual(['linux/amd64', 'linux/arm64']);
});

it('is the one of the configuration of a single image', async () => {
  fake.pushFor('shop/web', 'one', [{ os: 'linux', architecture: 's390x' }]);
  expect(await of('one')).toEqual(['linux/s390x']);
});

it.each([
  ['no-configuration', undefined],
  ['nonsense', JSON.stringify({ manifests: [{ platform: 5 }] })],
])('are not known where the registry does not tell: %s', async (tag, content) => {
  fake.push('shop/web', tag, content);
  expect(await of(tag)).toBeUndefined();
});
