import type { DirectoryConfiguration, DirectoryRunView, DirectoryView } from '@portreeve/contract';
import { v7 as uuid } from 'uuid';
import { expect, vi } from 'vitest';
import type { z } from 'zod';
import { type Client, startTestServer, type TestServer } from '../../../test-server.ts';
import { GROUPS, PEOPLE, READER, READER_PASSWORD, type Slapd } from './slapd.ts';

type Change = Record<string, unknown>;
/** A server beside a directory: both real. */
export type DirectoryWorld = {
  test: TestServer;
  admin: Client;
  prisma: TestServer['db']['database']['prisma'];
  addDirectory(configuration: unknown, more?: Change): Promise<DirectoryView>;
  /** The schedule's first sync of a new directory has ended: what changes from now on is seen by those of the test. */
  firstSync(directory: { id: string }): Promise<void>;
  edit(directory: DirectoryView, change: Change): Promise<DirectoryView>;
  sync(directory: { id: string }, kind?: 'full' | 'increment'): Promise<DirectoryRunView>;
  team(name: string): Promise<string>;
  rule(teamId: string, directory: { id: string }, wish: unknown): Promise<string>;
  /** Names of a team's members. */
  members(teamId: string): Promise<string[]>;
  /** What the sign-in page is told of directories. */
  anonymousChoices(): Promise<{ id: string; name: string }[]>;
  signIn(name: string, password: string, more?: Change): ReturnType<Client['call']>;
};

/** How the directory of the tests is reached: LDAPS unless said otherwise. */
export const openLdap = (slapd: Slapd, change: Change = {}): z.input<typeof DirectoryConfiguration> => ({
  kind: 'openldap',
  urls: [slapd.tlsUrl],
  security: 'ldaps',
  caPem: slapd.caPem,
  bindDn: READER,
  users: [{ base: PEOPLE, filter: '(objectClass=inetOrgPerson)' }],
  groups: { base: GROUPS },
  // Tests sync when they want to.
  syncSeconds: 3_600,
  ...change,
});

export const startWorld = async (): Promise<DirectoryWorld> => {
  const test = await startTestServer();
  const admin = await test.administrator();
  const { prisma } = test.db.database;
  const done = async <T>(answer: Promise<{ status: number; json: never; text: string }>): Promise<T> => {
    const { status, json, text } = await answer;
    if (status >= 300) throw new Error(`${status} ${text}`);
    return json as T;
  };
  let address = 0;
  return {
    ...{ test, admin, prisma },
    addDirectory: (configuration, more = {}) =>
      done(
        admin.call('POST', '/directories', {
          ...{ name: 'Shop', configuration, password: READER_PASSWORD },
          ...more,
        }),
      ),
    firstSync: async ({ id: directoryId }) => {
      const where = { directoryId, startedBy: 'schedule', outcome: 'done' };
      // `expect.poll` is for tests alone, and this is for what comes before them too.
      await vi.waitFor(async () => expect(await prisma.directoryRun.count({ where })).toBe(1), {
        ...{ timeout: 15_000, interval: 50 },
      });
    },
    edit: ({ id, version, name, position, enabled, configuration }, change) =>
      done(
        admin.call(
          'PUT',
          `/directories/${id}`,
          { name, position, enabled, configuration, ...change },
          { 'if-match': `"${version}"` },
        ),
      ),
    sync: async ({ id }, kind = 'full') => {
      // The schedule's own may be under way.
      const start = () => admin.call('POST', `/directories/${id}/sync`, { kind });
      let answer = await start();
      await expect
        .poll(async () => {
          if (answer.status === 409) answer = await start();
          return answer.status;
        })
        .not.toBe(409);
      return done(Promise.resolve(answer));
    },
    team: async (name) => {
      const id = uuid();
      await prisma.team.create({ data: { id, name } });
      return id;
    },
    rule: async (teamId, { id: directoryId }, wish) =>
      (await done<{ id: string }>(admin.call('POST', `/teams/${teamId}/rules`, { directoryId, wish }))).id,
    members: async (teamId) => {
      const rows = await prisma.teamMember.findMany({
        where: { teamId },
        include: { user: { select: { name: true } } },
      });
      return [...new Set(rows.map(({ user }) => user.name))].sort();
    },
    anonymousChoices: async () =>
      (
        await done<{ directories: { id: string; name: string }[] }>(
          test.anonymous.call('GET', '/session/directories'),
        )
      ).directories,
    signIn: async (name, password, more = {}) => {
      // Each test's attempts are its own: what throttles is tested elsewhere.
      address += 1;
      if (address % 3 === 0) await prisma.throttle.deleteMany();
      return test.anonymous.call('POST', '/session', { name, password, ...more });
    },
  };
};
