import { randomBytes } from 'node:crypto';
import type { Permission, Role } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Database } from '../platform/db/database.ts';
import { createTestDatabase, type TestDatabase } from '../platform/db/test-database.ts';
import { createContext, type RequestContext } from '../platform/http/context.ts';
import { createKeys } from '../platform/keys/cluster-key.ts';
import { type FakeRegistry, startFakeRegistry } from '../registry/test-registry.ts';
import { createFakeAgents } from '../rollouts/test-agents.ts';
import { applyDeploy, type DeployDeps, planDeploy } from '../stacks/deploy.service.ts';

export const ORDINARY: Permission[] = [
  'service.deploy',
  'service.scale',
  'service.stop',
  'stack.read',
  'service.env.read',
];

/**
 * A cluster with the projects `/shop` (ports 8000–8999) and `/other`, a host and a registry with `shop/web:1` and
 * `:2`, an administrator and somebody with ordinary rights, for the tests of one file.
 */
export const useAdmissionWorld = () => {
  let test: TestDatabase;
  let registry: FakeRegistry;
  let deps: DeployDeps;
  const contextOf = (permissions?: Permission[]): RequestContext => {
    const who = { userId: uuid(), name: 'someone', administrator: true, permissions };
    const ctx = createContext({ kind: 'token', ...who }, { address: '127.0.0.1', via: 'token' });
    ctx.authorize('service.deploy', '/shop');
    return ctx;
  };
  /** Somebody who holds a role in a project, where privileges of the host are allowed as said. */
  const holding = (
    role: Role,
    allowed: Record<string, Permission[]> = {},
    projectPath = '/shop',
  ): RequestContext => {
    const permissions = new Set(role.permissions);
    const grant = { id: uuid(), roleId: role.id, roleName: role.name, projectPath, permissions };
    const allowances = Object.entries(allowed).map(([path, names]) => ({
      ...{ projectPath: path, permissions: new Set(names) },
    }));
    const ctx = createContext(
      { kind: 'user', userId: uuid(), name: 'holder', administrator: false, grants: [grant], allowances },
      { address: '127.0.0.1', via: 'browser' },
    );
    ctx.authorize('service.deploy', '/shop');
    return ctx;
  };
  const restricted = contextOf(ORDINARY);
  const admin = contextOf();

  beforeAll(async () => {
    test = await createTestDatabase();
    registry = await startFakeRegistry();
    const { prisma } = test.database;
    const root = uuid();
    await prisma.project.create({ data: { id: root, path: '/' } });
    await prisma.project.create({
      data: { id: uuid(), path: '/shop', parentId: root, portFrom: 8000, portTo: 8999 },
    });
    await prisma.project.create({ data: { id: uuid(), path: '/other', parentId: root } });
    await prisma.cluster.create({ data: { id: uuid(), name: 'test', keyCheck: '' } });
    await prisma.registry.create({
      data: { id: uuid(), projectId: root, host: registry.host, plainHttp: true, allowPrivateAddress: true },
    });
    await createFakeAgents(test.database).addNode('a');
    deps = {
      database: test.database,
      keys: createKeys(randomBytes(32)),
      askAgent: () => Promise.reject(new Error('no agent here')),
    };
    for (const tag of ['1', '2']) registry.push('shop/web', tag);
  });
  afterAll(async () => {
    await registry.close();
    await test.drop();
  });

  const file = (service: string, more = '') => `
services:
  web:
    image: ${registry.host}/shop/web:1
${service
  .split('\n')
  .map((line) => `    ${line}`)
  .join('\n')}
${more}`;
  const sent = (text: string) => ({
    files: { 'compose.yaml': text },
    entry: 'compose.yaml',
    values: {},
    profiles: [],
  });
  const apply = (ctx: RequestContext, name: string, text: string, project = '/shop') =>
    applyDeploy(deps, ctx, { project, name, sent: sent(text) });
  const stacks = () => test.database.prisma.stack.count();
  let unique = 0;
  const fresh = (): string => `stack-${++unique}`;

  /** Refused with 403 on a first apply, and on an update of a benign stack; nothing is stored either time. */
  const expectRefused = async (service: string, permission: string, more = ''): Promise<void> => {
    const before = await stacks();
    await expect(apply(restricted, fresh(), file(service, more))).rejects.toMatchObject({
      code: 'permission.missing',
      details: expect.arrayContaining([
        expect.objectContaining({ message: expect.stringContaining(permission) }),
      ]),
    });
    expect(await stacks()).toBe(before);
    const name = fresh();
    const { stackId } = await apply(restricted, name, file('command: ["true"]'));
    await expect(apply(restricted, name, file(service, more))).rejects.toMatchObject({
      code: 'permission.missing',
    });
    expect(await test.database.prisma.stackVersion.count({ where: { stackId } })).toBe(1);
    const plan = await planDeploy(deps, restricted, {
      project: '/shop',
      name,
      sent: sent(file(service, more)),
      draft: false,
    });
    expect(plan.applicable).toBe(false);
    expect(plan.refusals).toContainEqual(expect.objectContaining({ permission }));
  };

  return {
    ...{ contextOf, holding, restricted, admin, file, sent, apply, stacks, fresh, expectRefused },
    get database(): Database {
      return test.database;
    },
    get deps() {
      return deps;
    },
    get registry() {
      return registry;
    },
  };
};
