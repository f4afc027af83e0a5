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
