import type { Overview } from '@portreeve/contract';
import { v7 as uuid } from 'uuid';
import { expect, it } from 'vitest';
import { createFakeAgents } from '../rollouts/test-agents.ts';
import { startTestServer } from '../test-server.ts';

it('S-6 the overview of a project says nothing of the hosts of another', async () => {
  const test = await startTestServer();
  try {
    const admin = await test.administrator();
    for (const path of ['/shop', '/bank']) await admin.call('POST', '/projects', { path });
    const { database } = test.db;
    const nodeId = await createFakeAgents(database).addNode('vault-1');
    const bank = await database.prisma.project.findFirstOrThrow({ where: { path: '/bank' } });
    await database.prisma.node.update({ where: { id: nodeId }, data: { projectId: bank.id } });
    const soon = new Date(Date.now() + 86_400_000);
    await database.prisma.nodeCertificate.create({ data: { nodeId, serial: 'one', notAfter: soon } });
    const overviewOf = async (project: string) =>
      (await admin.call('GET', `/overview?project=${project}`)).text;
    expect(await overviewOf('/bank')).toContain('vault-1');
    expect(await overviewOf('/shop')).not.toContain('vault-1');
  } finally {
    await test.close();
  }
});

const HOUR = 3_600_000;

it('the overview says what came before an old trouble, whatever came since, and tells one cause once', async () => {
  const test = await startTestServer();
  try {
    const admin = await test.administrator();
    const { prisma } = test.db.database;
    const { id: projectId } = await prisma.project.findFirstOrThrow({ where: { path: '/' } });
    const stackId = uuid();
    await prisma.stack.create({ data: { id: stackId, projectId, name: 'shop' } });
    const since = new Date(Date.now() - 72 * HOUR);
    const lacking = {
      filter: 'constraints',
      failed: 2,
      sentence: '2 nodes do not meet the constraint disk == ssd',
    };
    for (const name of ['mail', 'search']) {
      const [serviceId, revisionId] = [uuid(), uuid()];
      await prisma.service.create({ data: { id: serviceId, stackId, name, replicas: 1 } });
      await prisma.task.create({
        data: {
          ...{ id: uuid(), serviceId, revisionId, slot: 1, reason: 'no node fits: …', createdAt: since },
          placement: { filters: [lacking], best: [], wish: { avoidNodeIds: [] } },
        },
      });
      await prisma.alert.create({
        data: {
          ...{
            id: uuid(),
            kind: 'unplaceable',
            key: `unplaceable:${serviceId}`,
            severity: 'warning',
            message: 'no node',
            since,
          },
          ...{ objectKind: 'service', objectId: serviceId, projectId },
        },
      });
    }
    const wish = (text: string, at: Date, actorName: string | null) => ({
      ...{ id: uuid(), kind: 'stack', text, at, actorName, projectId, stackId },
    });
    await prisma.event.createMany({
      data: [
        wish('ann deployed shop', new Date(since.getTime() - HOUR / 2), 'ann'),
        wish('nobody did it', since, null),
        ...Array.from({ length: 250 }, (_, n) =>
          wish('later', new Date(since.getTime() + n * 60_000 + HOUR), 'bob'),
        ),
      ],
    });
    const { needs } = (await admin.call('GET', '/overview')).json as Overview;
    expect(needs).toMatchObject([
      {
        text: '2 services have 2 tasks without a node: 2 nodes do not meet the constraint disk == ssd.',
        hint: 'shop/mail, shop/search.',
        before: 'ann deployed shop',
      },
    ]);
  } finally {
    await test.close();
  }
});
