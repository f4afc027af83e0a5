import { v7 as uuid } from 'uuid';
import { describe, expect, it } from 'vitest';
import { everyService } from '../rollouts/dirty.store.ts';
import { stepServices } from '../rollouts/step.ts';
import { restartService, scaleService } from '../stacks/operations.service.ts';
import { createRevisionCache } from '../stacks/revision-cache.ts';

import { useAdmissionWorld } from './test-world.ts';

describe('host ports and subnets', { timeout: 120_000 }, () => {
  const world = useAdmissionWorld();
  const { admin, file, apply, stacks, fresh } = world;

  it.each(['22:80', '7400:80', '7401:80', '80:80', '7390-7410:80', '9000:80'])(
    'S-41 the host port %s is refused with the range that the project may use',
    async (port) => {
      await expect(apply(admin, fresh(), file(`ports: ["${port}"]`))).rejects.toMatchObject({
        code: 'plan.refused',
        hint: expect.stringContaining('8000–8999'),
      });
    },
  );

  it("S-41 the ports of ssh, of names and tunnels, and of every server are nobody else's, wherever they are set", async () => {
    const { prisma } = world.database;
    const root = await prisma.project.findFirstOrThrow({ where: { path: '/' } });
    await prisma.project.create({
      data: { id: uuid(), path: '/wide', parentId: root.id, portFrom: 1, portTo: 65_535 },
    });
    await prisma.project.update({ where: { id: root.id }, data: { portFrom: 1 } });
    const servers = [
      ['https://console.example:9443', 'https://console.example:9444'],
      ['https://second.example', 'https://second.example:9555'],
    ] as const;
    for (const [url, agentUrl] of servers) {
      const at = new Date();
      const row = { id: uuid(), url, agentUrl, version: '1', startedAt: at, seenAt: at };
      await prisma.server.create({ data: row });
    }
    for (const port of [22, 53, 4790, 9443, 9444, 443, 9555])
      await expect(apply(admin, fresh(), file(`ports: ["${port}:80"]`), '/wide')).rejects.toMatchObject({
        code: 'plan.refused',
        message: expect.stringContaining(`port ${port} of the host: it is the host's or Portreeve's own`),
      });
    await apply(admin, fresh(), file('ports: ["7400:80"]'), '/wide');
  });

  it('S-41 a project narrowed later binds the projects below it at once, on every way', async () => {
    const { prisma } = world.database;
    const shop = await prisma.project.findFirstOrThrow({ where: { path: '/shop' } });
    await prisma.project.create({
      data: { id: uuid(), path: '/shop/below', parentId: shop.id, portFrom: 8600, portTo: 8700 },
    });
    const { services } = await apply(admin, fresh(), file('ports: ["8650:80"]'), '/shop/below');
    const id = services[0]?.id ?? '';
    const narrow = (portTo: number) => prisma.project.update({ where: { id: shop.id }, data: { portTo } });
    const refused = (message: string) => ({
      code: 'plan.refused',
      message: expect.stringContaining(message),
    });
    await narrow(8640);
    const again = apply(admin, fresh(), file('ports: ["8650:80"]'), '/shop/below');
    await expect(again).rejects.toMatchObject(refused('/shop/below may use 8600–8640'));
    await expect(scaleService(world.deps, admin, id, 2)).rejects.toMatchObject(refused('8600–8640'));
    await expect(restartService(world.deps, admin, id)).rejects.toMatchObject(refused('8600–8640'));
    await narrow(8500);
    await expect(restartService(world.deps, admin, id)).rejects.toMatchObject(refused('may use no ports'));
    await narrow(8999);
    await restartService(world.deps, admin, id);
  });

  it('S-41 a host port that another service has on every node is refused', async () => {
    const { prisma } = world.database;
    await apply(admin, fresh(), file('ports: ["8080:80"]'));
    await stepServices(world.database, createRevisionCache(), await everyService(prisma), new Date());
    await expect(apply(admin, fresh(), file('ports: ["8080:80"]'))).rejects.toMatchObject({
      code: 'plan.refused',
      message: expect.stringContaining('8080'),
    });
  });

  it('a subnet of its own lies within the address pool, or the whole file is refused', async () => {
    const of = (subnet: string) =>
      file('networks: [n]', `networks: { n: { ipam: { config: [{ subnet: ${subnet} }] } } }`);
    const before = await stacks();
    for (const subnet of ['192.168.1.0/24', '10.0.0.0/8', '0.0.0.0/0'])
      await expect(apply(admin, fresh(), of(subnet))).rejects.toMatchObject({
        code: 'plan.refused',
        message: expect.stringContaining('10.200.0.0/13'),
      });
    expect(await stacks()).toBe(before);
    const { stackId } = await apply(admin, fresh(), of('10.207.8.0/24'));
    expect(await world.database.prisma.network.findFirst({ where: { stackId } })).toMatchObject({
      subnet: '10.207.8.0/24',
    });
  });
});
