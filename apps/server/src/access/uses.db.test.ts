import { BUILT_IN_ROLES } from '@portreeve/domain';
import { expect, it } from 'vitest';
import { startTestServer } from '../test-server.ts';
import { projectAt, signInWith } from './test-people.ts';

it('what was used through a grant is known after the server has stopped, though nothing had written it yet', async () => {
  const test = await startTestServer();
  await projectAt(test, '/shop');
  const ada = await signInWith(test, 'ada', [{ role: BUILT_IN_ROLES.viewOnly, project: '/shop' }]);
  expect((await ada.call('GET', '/stacks?project=/shop')).status).toBe(200);
  await test.server.close();
  const uses = await test.db.database.prisma.grantUse.findMany({ where: { grantId: ada.grantIds[0] ?? '' } });
  expect(uses.map(({ permission }) => permission)).toEqual(['stack.read']);
  await test.close();
});
