import { randomUUID } from 'node:crypto';
import { hashSecret } from '../../apps/server/src/identity/secrets.ts';
import type { Database } from '../../apps/server/src/platform/db/database.ts';
import { BUILT_IN_ROLES, ServiceSpec } from '../../packages/domain/src/index.ts';

type Prisma = Database['prisma'];

const PEOPLE = 5_000;
const TEAMS = 300;
const GRANTS = 2_000;
const TREES = 50;
const BELOW = 9;
const SERVICES = 10_000;
const TEAMS_OF_ONE = 10;

const ids = (count: number): string[] => Array.from({ length: count }, () => randomUUID());
const pick = <T>(from: readonly T[], index: number): T => from[index % from.length] as T;
const ROLES = [BUILT_IN_ROLES.viewOnly, BUILT_IN_ROLES.restrictedControl, BUILT_IN_ROLES.fullControl];

export type SeededPeople = {
  paths: string[];
  projectIds: string[];
  /** Ids of accounts. */
  inTeams: string;
  inAllTeams: string;
  /** Of one who sees everything at the root, and of one who sees the same by a grant in each tree. */
  tokens: { everything: string; spread: string };
};

/** 5,000 people, ten teams for each, 300 teams, 2,000 grants to them, 500 projects in 50 trees. */
export const seedPeople = async (prisma: Prisma): Promise<SeededPeople> => {
  const root = await prisma.project.findFirstOrThrow({ where: { path: '/' } });
  const trees = Array.from({ length: TREES }, (_, n) => ({ id: randomUUID(), path: `/t${n}` }));
  const below = trees.flatMap(({ id, path }) =>
    Array.from({ length: BELOW }, (_, n) => ({ id: randomUUID(), path: `${path}/p${n}`, parentId: id })),
  );
  await prisma.project.createMany({ data: trees.map((tree) => ({ ...tree, parentId: root.id })) });
  await prisma.project.createMany({ data: below });
  const projects = [...trees, ...below];
  const people = ids(PEOPLE);
  const teams = ids(TEAMS);
  await prisma.user.createMany({
    data: people.map((id, n) => ({ id, name: `p${n}`, displayName: `Person ${n}` })),
  });
  await prisma.team.createMany({ data: teams.map((id, n) => ({ id, name: `team ${n}` })) });
  const member = (userId: string, teamId: string) => ({ id: randomUUID(), userId, teamId });
  const memberships = people.flatMap((userId, n) =>
    Array.from({ length: TEAMS_OF_ONE }, (_, k) => member(userId, pick(teams, n * 7 + k * 31))),
  );
  const [inTeams = '', inAllTeams = '', everything = '', spread = ''] = people;
  const known = new Set(
    memberships.filter(({ userId }) => userId === inAllTeams).map(({ teamId }) => teamId),
  );
  memberships.push(...teams.filter((id) => !known.has(id)).map((id) => member(inAllTeams, id)));
  // Those who list are measured by their own grants alone.
  const kept = memberships.filter(({ userId }) => userId !== everything && userId !== spread);
  for (let at = 0; at < kept.length; at += 5_000)
    await prisma.teamMember.createMany({ data: kept.slice(at, at + 5_000) });
  const grant = (roleId: string, projectId: string) => ({
    id: randomUUID(),
    roleId,
    projectId,
    createdBy: 'bench',
  });
  await prisma.grant.createMany({
    data: [
      ...Array.from({ length: GRANTS - TREES - 1 }, (_, n) => ({
        ...grant(pick(ROLES, n).id, pick(projects, n * 3).id),
        teamId: pick(teams, n),
      })),
      ...trees.map(({ id }) => ({ ...grant(BUILT_IN_ROLES.viewOnly.id, id), userId: spread })),
      { ...grant(BUILT_IN_ROLES.clusterAdministrator.id, root.id), userId: everything },
    ],
  });
  const token = async (userId: string): Promise<string> => {
    const secret = `prt_${randomUUID()}`;
    await prisma.token.create({
      data: { id: randomUUID(), userId, name: 'bench', hash: hashSecret(secret) },
    });
    return secret;
  };
  return {
    paths: projects.map(({ path }) => path),
    projectIds: projects.map(({ id }) => id),
    ...{ inTeams, inAllTeams },
    tokens: { everything: await token(everything), spread: await token(spread) },
  };
};

/** 10,000 services in as many projects as there are, ten to a stack. */
export const seedServices = async (prisma: Prisma, projectIds: readonly string[]): Promise<void> => {
  const stacks = Array.from({ length: SERVICES / 10 }, (_, n) => ({
    ...{ id: randomUUID(), name: `stack-${n}`, projectId: pick(projectIds, n) },
  }));
  await prisma.stack.createMany({ data: stacks });
  const services = Array.from({ length: SERVICES }, (_, n) => ({
    ...{ id: randomUUID(), revision: randomUUID(), name: `web-${n}`, stackId: pick(stacks, n).id },
  }));
  const spec = ServiceSpec.parse({ image: 'web:1' });
  const image = { reference: 'r.example/web:1', registry: 'r.example', repository: 'web' };
  const pin = { kind: 'digest', digest: `sha256:${'1'.repeat(64)}`, ...image };
  for (let at = 0; at < services.length; at += 1_000) {
    const some = services.slice(at, at + 1_000);
    await prisma.service.createMany({
      data: some.map(({ revision, ...service }) => ({
        ...service,
        replicas: 0,
        currentRevisionId: revision,
      })),
    });
    await prisma.revision.createMany({
      data: some.map(({ id, revision }) => ({
        ...{ id: revision, serviceId: id, number: 1, spec, pin, sealedEnvironment: '' },
        ...{ stackVersion: 1, specHash: '', createdBy: 'bench' },
      })),
    });
  }
};
