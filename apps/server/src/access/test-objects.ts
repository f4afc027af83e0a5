import { BUILT_IN_ROLES, ServiceSpec } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { SEALED } from '../agents/sealed.ts';
import { valuesContext } from '../stacks/file-cache.ts';
import { sealFiles } from '../stacks/version-files.ts';
import type { TestServer } from '../test-server.ts';
import { createPerson, projectAt } from './test-people.ts';

/** Ids by the first part of the paths of their routes. */
export type Objects = Readonly<Record<string, string>>;

let number = 0;

/** One object of each kind that lies in a project, in this one; what belongs together is together. */
export const createObjects = async (test: Pick<TestServer, 'server'>, project: string): Promise<Objects> => {
  const { database, keys } = test.server.platform;
  const { prisma } = database;
  const projectId = await projectAt(test, project);
  const name = project.slice(1);
  const [stack, service, revision, rollout, task, node] = Array.from({ length: 6 }, () => uuid()) as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const own = { projectId };
  number += 1;
  await prisma.stack.create({ data: { id: stack, name, ...own } });
  const version = uuid();
  const files = { 'compose.yaml': 'services: { web: { image: web } }' };
  await prisma.stackVersion.create({
    data: {
      ...{ id: version, stackId: stack, number: 1, entry: 'compose.yaml', files: {}, appliedBy: 'admin' },
      sealedFiles: sealFiles(keys, version, { files, secret: [] }),
      sealedValues: keys.seal('{}', valuesContext(version)),
    },
  });
  await prisma.service.create({
    data: { id: service, stackId: stack, name: 'web', replicas: 1, currentRevisionId: revision },
  });
  const image = { reference: 'r.example/web:1', registry: 'r.example', repository: 'web' };
  await prisma.revision.create({
    data: {
      ...{ id: revision, serviceId: service, number: 1, stackVersion: 1, specHash: '', createdBy: 'admin' },
      spec: ServiceSpec.parse({ image: 'web:1' }),
      pin: { kind: 'digest', digest: `sha256:${'1'.repeat(64)}`, ...image },
      sealedEnvironment: keys.seal('{}', SEALED.environment(revision)),
    },
  });
  await prisma.rollout.create({
    data: {
      ...{ id: rollout, serviceId: service, number: 1, toRevisionId: revision, state: 'succeeded' },
      ...{ cause: 'apply', causedBy: 'admin', endedAt: new Date() },
    },
  });
  await prisma.node.create({
    data: { id: node, name: `host-of-${name}`, state: 'lost', labels: {}, hostAddress: '10.0.0.1', ...own },
  });
  await prisma.task.create({
    data: { id: task, serviceId: service, revisionId: revision, slot: 1, state: 'failed', nodeId: node },
  });
  const made: Record<string, string> = {
    ...{ projects: projectId, stacks: stack, services: service, rollouts: rollout, tasks: task, nodes: node },
  };
  const add = async (kind: string, create: (id: string) => Promise<unknown>): Promise<void> => {
    const id = uuid();
    await create(id);
    made[kind] = id;
  };
  await add('join-tokens', (id) =>
    prisma.joinToken.create({
      data: {
        ...{ id, hash: id, usesLeft: 1, createdBy: 'admin', ...own },
        expiresAt: new Date(Date.now() + 3_600_000),
      },
    }),
  );
  for (const kind of ['config', 'secret'])
    await add(`${kind}s`, (id) =>
      prisma.storedFile.create({ data: { id, kind, name: `f-${name}`, ...own } }),
    );
  await add('networks', (id) =>
    prisma.network.create({
      data: { id, stackId: stack, name: 'n', vni: number, subnet: `10.200.${number}.0/24`, ...own },
    }),
  );
  await add('volumes', (id) =>
    prisma.volume.create({ data: { id, stackId: stack, name: 'data', engineName: id, ...own } }),
  );
  await add('registries', (id) => prisma.registry.create({ data: { id, host: `${name}.example`, ...own } }));
  await add('alerts', (id) =>
    prisma.alert.create({
      data: { id, kind: 'test', key: id, severity: 'info', message: `of ${name}`, ...own },
    }),
  );
  await add('service-accounts', (id) =>
    prisma.user.create({ data: { id, kind: 'service', name: `ci-of-${name}`, displayName: 'ci', ...own } }),
  );
  const { grantIds } = await createPerson(test as TestServer, `holder-in-${name}`, [
    { role: BUILT_IN_ROLES.viewOnly, project },
  ]);
  return { ...made, grants: grantIds[0] ?? '' };
};
