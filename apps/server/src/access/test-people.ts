import type { Role } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { hashPassword } from '../identity/secrets.ts';
import type { Client, TestServer } from '../test-server.ts';

/** What everybody but the administrator signs in with in tests. */
export const PASSWORD = 'a password of a person in tests';
let hash: Promise<string> | undefined;

/** A local account that holds these roles in these projects; projects are made where they are missing. */
export const createPerson = async (
  { server }: TestServer,
  name: string,
  grants: readonly { role: Pick<Role, 'id'>; project: string; endsAt?: Date }[] = [],
): Promise<{ id: string; grantIds: string[] }> => {
  const { prisma } = server.platform.database;
  hash ??= hashPassword(PASSWORD);
  const id = uuid();
  await prisma.user.create({ data: { id, name, displayName: name, passwordHash: await hash } });
  const grantIds: string[] = [];
  for (const { role, project, endsAt } of grants) {
    const grantId = uuid();
    const projectId = await projectAt({ server } as TestServer, project);
    await prisma.grant.create({
      data: {
        id: grantId,
        userId: id,
        roleId: role.id,
        projectId,
        createdBy: 'test',
        ...(endsAt && { endsAt }),
      },
    });
    grantIds.push(grantId);
  }
  return { id, grantIds };
};

/** The id of the project at a path, made with everything above it where it is missing. */
export const projectAt = async ({ server }: Pick<TestServer, 'server'>, path: string): Promise<string> => {
  const { prisma } = server.platform.database;
  const found = await prisma.project.findFirst({ where: { path, removedAt: null } });
  if (found) return found.id;
  const parentId: string = await projectAt({ server }, path.slice(0, path.lastIndexOf('/')) || '/');
  const made = await prisma.project.create({ data: { id: uuid(), path, parentId } });
  return made.id;
};

/** A signed-in person with these roles. */
export const signInWith = async (
  test: TestServer,
  name: string,
  grants: Parameters<typeof createPerson>[2],
): Promise<Client & { userId: string; grantIds: string[] }> => {
  const { id, grantIds } = await createPerson(test, name, grants);
  return { ...(await test.signIn(name, PASSWORD)), userId: id, grantIds };
};
