import { describe, expect, it } from 'vitest';
import { openRegistry } from '../registry/registry-client.ts';
import { removeStack } from '../stacks/remove.service.ts';

import { useAdmissionWorld } from './test-world.ts';

describe('registries, images and objects of others', { timeout: 120_000 }, () => {
  const world = useAdmissionWorld();
  const { admin, file, apply, stacks, fresh } = world;

  it.each([
    ['169.254.169.254', 'https'],
    ['127.0.0.1:5432', 'https'],
    ['[::1]', 'https'],
    ['localhost:5432', 'https'],
    ['[::ffff:127.0.0.1]', 'https'],
    ['10.0.0.1', 'https'],
  ])('S-34 a registry at %s is not asked unless an administrator allowed it', async (host) => {
    const client = openRegistry({ host, plainHttp: false, allowPrivateAddress: false });
    await expect(client.manifest({ registry: host, repository: 'x', tag: '1' })).rejects.toMatchObject({
      code: 'registry.unreachable',
      message: expect.stringContaining('not an address of the public internet'),
    });
    await client.close();
  });

  it.each([
    'Bearer realm="http://internal/token"',
    'Bearer realm="https://169.254.169.254/token"',
    'Bearer realm="file:///etc/passwd"',
    'Bearer realm="https://user:secret@127.0.0.1/token"',
    'Bearer realm="gopher://127.0.0.1/"',
  ])('S-34 credentials never follow a challenge to %s', async (challenge) => {
    world.registry.challenge = challenge;
    world.registry.asked.length = 0;
    const client = openRegistry({
      ...{ host: world.registry.host, plainHttp: true, allowPrivateAddress: true },
      ...{ username: 'robot', password: 'canary' },
    });
    await expect(
      client.manifest({ registry: world.registry.host, repository: 'shop/web', tag: '1' }),
    ).rejects.toMatchObject({
      message: expect.stringContaining('not its own host'),
    });
    expect(world.registry.asked.every(({ authorization }) => authorization === undefined)).toBe(true);
    world.registry.challenge = undefined;
    await client.close();
  });

  it('S-39 an external network or volume is one of the project, never of another or of an engine', async () => {
    await apply(
      admin,
      'theirs',
      file('networks: [inside]\nvolumes: ["data:/d"]', 'networks: { inside: {} }\nvolumes: { data: {} }'),
      '/other',
    );
    const before = await stacks();
    for (const [service, more] of [
      ['networks: [n]', 'networks: { n: { external: true, name: theirs_inside } }'],
      ['networks: [n]', 'networks: { n: { external: true, name: bridge } }'],
      ['volumes: ["v:/d"]', 'volumes: { v: { external: true, name: theirs_data } }'],
    ] as const)
      await expect(apply(admin, fresh(), file(service, more))).rejects.toMatchObject({
        code: 'permission.missing',
      });
    expect(await stacks()).toBe(before);
  });

  it('S-39 a stack whose volume another one is about to use stays', async () => {
    const owner = await apply(admin, 'owner', file('volumes: ["data:/d"]', 'volumes: { data: {} }'));
    const user = fresh();
    await apply(admin, user, file('init: true'));
    const external = 'volumes: { data: { external: true, name: owner_data } }';
    await apply(admin, user, file('volumes: ["data:/d"]', external));
    await expect(removeStack(world.database, admin, owner.stackId, 'remove')).rejects.toMatchObject({
      code: 'in-use',
      message: `The stack ${user} uses a network or volume of this one.`,
    });
  });

  it('S-39 an external network of another stack of the project is joined', async () => {
    await apply(admin, 'ours', file('networks: [inside]', 'networks: { inside: {} }'));
    const name = fresh();
    const { stackId } = await apply(
      admin,
      name,
      file('networks: [n]', 'networks: { n: { external: true, name: ours_inside } }'),
    );
    expect(await world.database.prisma.network.count({ where: { stackId } })).toBe(0);
  });

  it('S-40 an image that the registry does not show to the project is refused, known digest or not', async () => {
    const digest = world.registry.push('secret/app', '1');
    world.registry.challenge = `Basic realm="x"`;
    const text = file('init: true').replace(
      /image: .*/,
      `image: ${world.registry.host}/secret/app@${digest}`,
    );
    await expect(apply(admin, fresh(), text)).rejects.toMatchObject({ code: 'image.unresolvable' });
    world.registry.challenge = undefined;
  });
});
