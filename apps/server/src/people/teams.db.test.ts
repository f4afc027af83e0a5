import type { RoleView, TeamMemberView, TeamView } from '@portreeve/contract';
import { BUILT_IN_ROLES } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPerson, projectAt, signInWith } from '../access/test-people.ts';
import { type Client, startTestServer, type TestServer } from '../test-server.ts';
import { done, ifMatch, problem } from './test-calls.ts';

const { viewOnly, fullControl } = BUILT_IN_ROLES;

let test: TestServer;
let admin: Client;
const makeTeam = (name: string) => done<TeamView>(admin.call('POST', '/teams', { name }));

beforeAll(async () => {
  test = await startTestServer();
  admin = await test.administrator();
  await projectAt(test, '/shop');
});
afterAll(() => test.close());

describe('teams', () => {
  it('are made, changed from the version that was seen, and removed with their grants', async () => {
    const team = await makeTeam('shopkeepers');
    const path = `/teams/${team.id}`;
    expect(await problem(admin.call('POST', '/teams', { name: 'shopkeepers' }))).toMatchObject({
      code: 'conflict.name',
    });
    const edited = await done<TeamView>(
      admin.call('PATCH', path, { description: 'They sell' }, ifMatch(team.version)),
    );
    expect(edited).toMatchObject({ name: 'shopkeepers', description: 'They sell', version: 2 });
    expect(await problem(admin.call('DELETE', path, undefined, ifMatch(1)))).toMatchObject({
      code: 'conflict.version',
    });
    const member = await signInWith(test, 'keeper', []);
    await done(admin.call('PUT', `${path}/members/${member.userId}`));
    await done(
      admin.call('POST', '/grants', {
        subject: { kind: 'team', id: team.id },
        ...{ role: viewOnly.id, project: '/shop' },
      }),
    );
    expect((await member.call('GET', '/stacks')).status).toBe(200);
    await done(admin.call('DELETE', path, undefined, ifMatch(2)));
    expect((await member.call('GET', '/stacks')).status).toBe(403);
    const { prisma } = test.server.platform.database;
    expect(await prisma.grant.count({ where: { teamId: team.id, endedAt: null } })).toBe(0);
    await makeTeam('shopkeepers');
  });

  it('keep whom a rule put there when a hand takes them out, and show both', async () => {
    const { prisma } = test.server.platform.database;
    const team = await makeTeam('both');
    const { id } = await createPerson(test, 'bea');
    const directory = await prisma.directory.create({
      data: { id: uuid(), name: 'company', configuration: {} },
    });
    const rule = await prisma.teamRule.create({
      data: { id: uuid(), teamId: team.id, directoryId: directory.id, wish: {} },
    });
    await prisma.teamMember.create({ data: { id: uuid(), teamId: team.id, userId: id, ruleId: rule.id } });
    const path = `/teams/${team.id}/members`;
    await done(admin.call('PUT', `${path}/${id}`));
    const { items, total } = await done<{ items: TeamMemberView[]; total: number }>(admin.call('GET', path));
    expect(total).toBe(1);
    expect(items[0]?.sources).toMatchObject([
      { kind: 'rule', ruleId: rule.id, directoryName: 'company' },
      { kind: 'hand', ruleId: null },
    ]);
    expect(await done(admin.call('DELETE', `${path}/${id}`))).toEqual({ stillByRule: true });
    expect(await problem(admin.call('DELETE', `${path}/${id}`))).toMatchObject({
      code: 'conflict.state',
      detail: 'bea is in both by a rule, not by hand.',
    });
  });

  it('take in nobody by somebody who does not hold what the team was granted', async () => {
    const team = await makeTeam('strong');
    const [root] = [await projectAt(test, '/')];
    await test.server.platform.database.prisma.grant.create({
      data: { id: uuid(), teamId: team.id, roleId: fullControl.id, projectId: root, createdBy: 'test' },
    });
    const role = await done<RoleView>(
      admin.call('POST', '/roles', {
        name: 'team lead',
        permissions: ['team.read', 'team.edit', 'user.read'],
      }),
    );
    const lead = await signInWith(test, 'lead', [{ role, project: '/' }]);
    expect(await problem(lead.call('PUT', `/teams/${team.id}/members/${lead.userId}`))).toMatchObject({
      code: 'permission.missing',
      detail: expect.stringContaining('which you do not hold in / yourself'),
    });
    const rule = { directoryId: uuid(), wish: { kind: 'search', base: 'dc=x', filter: '(uid=lead)' } };
    expect(await problem(lead.call('POST', `/teams/${team.id}/rules`, rule))).toMatchObject({
      code: 'permission.missing',
    });
    const weak = await makeTeam('weak');
    expect(await problem(lead.call('POST', `/teams/${weak.id}/rules`, rule))).toMatchObject({
      code: 'not-found',
    });
    await done(lead.call('PUT', `/teams/${weak.id}/members/${lead.userId}`));
  });
});
