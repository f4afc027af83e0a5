import type { DirectoryView, SyncPreview } from '@portreeve/contract';
import { BUILT_IN_ROLES } from '@portreeve/domain';
import { Attribute, Change, type Client as LdapClient } from 'ldapts';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowserSocket } from '../../live/test-socket.ts';
import {
  dnOf,
  GROUPS,
  group,
  groupDn,
  PEOPLE,
  passwordOf,
  person,
  READER_PASSWORD,
  SHORT_READER,
  type Slapd,
  startSlapd,
} from './testing/slapd.ts';
import { type DirectoryWorld, openLdap, startWorld } from './testing/world.ts';

const PEOPLE_COUNT = 5_000;
const GROUP_COUNT = 300;
const uidOf = (n: number): string => `p${String(n).padStart(4, '0')}`;
const everybody = Array.from({ length: PEOPLE_COUNT }, (_, n) => uidOf(n));

let slapd: Slapd;
let root: LdapClient;
let world: DirectoryWorld;
let directory: DirectoryView;
beforeAll(async () => {
  const groups = Array.from({ length: GROUP_COUNT - 1 }, (_, g) =>
    group(`g${g}`, everybody.filter((_uid, n) => n % (GROUP_COUNT - 1) === g).map(dnOf)),
  );
  slapd = await startSlapd([
    ...everybody.map((uid) => person(uid)),
    ...groups,
    group('all', [...Array.from({ length: GROUP_COUNT - 1 }, (_, g) => groupDn(`g${g}`)), groupDn('all')]),
    ...['ann', 'bob', 'cem', 'dan'].map((uid) => person(uid)),
    group('shop', ['ann', 'bob'].map(dnOf)),
    group('inner', [dnOf('cem')]),
    group('outer', [groupDn('inner')]),
    {
      ...{ dn: `cn=posix,${GROUPS}`, objectClass: 'posixGroup', cn: 'posix', gidNumber: '1000' },
      memberUid: ['ann', 'dan'],
    },
  ]);
  root = await slapd.root();
  world = await startWorld();
  directory = await world.addDirectory(openLdap(slapd));
  await world.firstSync(directory);
});
afterAll(async () => {
  await root?.unbind();
  await world?.test.close();
  await slapd?.end();
});

const modify = (dn: string, operation: 'add' | 'delete' | 'replace', type: string, values: string[]) =>
  root.modify(dn, new Change({ operation, modification: new Attribute({ type, values }) }));
const teamOf = async (name: string, wish: unknown): Promise<string> => {
  const id = await world.team(name);
  await world.rule(id, directory, wish);
  return id;
};
const groupWish = (cn: string, nested = true) => ({ kind: 'group', dn: groupDn(cn), nested });
const grant = async (teamId: string) => {
  const { id: projectId } = await world.prisma.project.findFirstOrThrow({ where: { path: '/' } });
  await world.prisma.grant.create({
    data: { id: uuid(), teamId, projectId, roleId: BUILT_IN_ROLES.viewOnly.id, createdBy: 'admin' },
  });
};
const preview = async (): Promise<SyncPreview> =>
  (await world.admin.call('POST', `/directories/${directory.id}/preview`)).json;

describe('a directory that gives only the first of many', () => {
  it('F-27 is told of when it is tested, and ends nobody', async () => {
    const answer = await world.admin.call('POST', '/directory-tests', {
      ...{ configuration: openLdap(slapd, { bindDn: SHORT_READER }), password: READER_PASSWORD },
    });
    expect(answer.json).toMatchObject({ ok: false });
    expect(answer.text).toContain('size.prtotal=unlimited');
  });
});

describe('an increment', () => {
  it('S-17 takes what followed from a group from who left it, and gives it to who came', async () => {
    const shop = await teamOf('shop', groupWish('shop'));
    await grant(shop);
    const [ann, cem] = [
      await world.test.signIn('ann', passwordOf('ann')),
      await world.test.signIn('cem', passwordOf('cem')),
    ];
    expect((await ann.call('GET', '/nodes')).status).toBe(200);
    expect((await cem.call('GET', '/nodes')).status).toBe(403);
    const socket = await openBrowserSocket(world.test.server.consoleUrl, ann);
    const ends: { code: string }[] = [];
    socket.on('end', (end) => ends.push(end));
    const watched = { watchId: 'w', route: 'nodes.list', params: {}, query: {} };
    expect(await socket.emitWithAck('watch', watched)).toMatchObject({ ok: true });
    await modify(groupDn('shop'), 'delete', 'member', [dnOf('ann')]);
    await modify(groupDn('shop'), 'add', 'member', [dnOf('cem')]);
    expect(await world.sync(directory, 'increment')).toMatchObject({
      ...{ kind: 'increment', outcome: 'done', counts: { joined: 1, left: 1, disabled: 0 } },
    });
    expect((await ann.call('GET', '/nodes')).status).toBe(403);
    expect((await cem.call('GET', '/nodes')).status).toBe(200);
    await expect.poll(() => ends).toMatchObject([{ code: 'permission.missing' }]);
    // Nobody's session ends by that: they are people still.
    expect((await ann.call('GET', '/me')).status).toBe(200);
    socket.close();
  });

  it('S-17 ends sessions and tokens of who is gone or disabled, and lets back who is there again', async () => {
    const [bob, dan] = [
      await world.test.signIn('bob', passwordOf('bob')),
      await world.test.signIn('dan', passwordOf('dan')),
    ];
    const made = await bob.call('POST', '/me/tokens', { name: 'ci' });
    const bearer = { authorization: `Bearer ${(made.json as { token: string }).token}` };
    const byToken = () => world.test.anonymous.call('GET', '/me', undefined, bearer);
    expect((await byToken()).status).toBe(200);
    const socket = await openBrowserSocket(world.test.server.consoleUrl, bob);
    await modify(dnOf('dan'), 'add', 'pwdAccountLockedTime', ['000001010000Z']);
    await root.del(dnOf('bob'));
    expect(await world.sync(directory, 'increment')).toMatchObject({
      ...{ outcome: 'done', counts: { disabled: 2 } },
    });
    await expect.poll(() => socket.connected).toBe(false);
    expect((await bob.call('GET', '/me')).status).toBe(401);
    expect((await dan.call('GET', '/me')).status).toBe(401);
    expect((await byToken()).status).toBe(401);
    const whys = await world.prisma.user.findMany({
      where: { name: { in: ['bob', 'dan'] } },
      orderBy: { name: 'asc' },
      select: { disabledWhy: true },
    });
    expect(whys.map(({ disabledWhy }) => disabledWhy)).toEqual([
      'The directory has no such account any more.',
      'The directory has disabled this account.',
    ]);
    await modify(dnOf('dan'), 'delete', 'pwdAccountLockedTime', []);
    expect(await world.sync(directory, 'increment')).toMatchObject({ counts: { enabled: 1 } });
    expect((await world.signIn('dan', passwordOf('dan'))).status).toBe(200);
    expect((await world.signIn('bob', passwordOf('bob'))).status).toBe(401);
  });

  it('follows groups in groups, one that is renamed, and notices one that goes', async () => {
    const outer = await teamOf('outer', groupWish('outer'));
    const direct = await teamOf('direct', groupWish('outer', false));
    await world.sync(directory);
    expect(await world.members(outer)).toEqual(['cem']);
    expect(await world.members(direct)).toEqual([]);
    await root.modifyDN(groupDn('outer'), `cn=renamed,${GROUPS}`);
    await world.sync(directory, 'increment');
    expect(await world.members(outer)).toEqual(['cem']);
    await root.del(groupDn('inner'));
    expect(await world.sync(directory, 'increment')).toMatchObject({ counts: { left: 1 } });
    expect(await world.members(outer)).toEqual([]);
  });

  it('follows a person who is renamed, and keeps memberships by hand', async () => {
    const hand = await teamOf('by hand too', { kind: 'search', base: PEOPLE, filter: '(title=clerk)' });
    const { id: userId } = await world.prisma.user.findFirstOrThrow({ where: { name: 'ann' } });
    await world.prisma.teamMember.create({ data: { id: uuid(), teamId: hand, userId } });
    await modify(dnOf('ann'), 'add', 'title', ['clerk']);
    await world.sync(directory, 'increment');
    expect(await world.prisma.teamMember.count({ where: { teamId: hand, userId } })).toBe(2);
    await root.modifyDN(dnOf('ann'), `uid=anna,${PEOPLE}`);
    await modify(dnOf('anna'), 'delete', 'title', ['clerk']);
    expect(await world.sync(directory, 'increment')).toMatchObject({ counts: { changed: 1, left: 1 } });
    expect(await world.members(hand)).toEqual(['anna']);
    expect(await world.prisma.user.findFirst({ where: { id: userId } })).toMatchObject({
      ...{ name: 'anna', directoryDn: `uid=anna,${PEOPLE}` },
    });
  });

  it('is a full one where another server answers', async () => {
    const mark = { server: 'ldaps://other.example' };
    await world.prisma.$executeRaw`
      UPDATE "Directory" SET mark = mark || ${JSON.stringify(mark)}::jsonb WHERE id = ${directory.id}::uuid`;
    expect(await world.sync(directory, 'increment')).toMatchObject({ kind: 'full', outcome: 'done' });
  });

  it('comes by itself, in the interval that was set', async () => {
    const session = await world.test.signIn('dan', passwordOf('dan'));
    const present = (await world.admin.call('GET', `/directories/${directory.id}`)).json;
    directory = await world.edit(present, { configuration: openLdap(slapd, { syncSeconds: 5 }) });
    await root.del(dnOf('dan'));
    await expect.poll(async () => (await session.call('GET', '/me')).status).toBe(401);
    directory = await world.edit(directory, { configuration: openLdap(slapd) });
  }, 40_000);
});

describe('5,000 people in 300 groups', () => {
  it('are read page by page, become accounts, and are in the team at once', async () => {
    const present = (await world.admin.call('GET', `/directories/${directory.id}`)).json;
    const configuration = openLdap(slapd, { accounts: 'by-sync' });
    directory = await world.edit(present, { configuration });
    const team = await world.team('everybody');
    await world.rule(team, directory, groupWish('all'));
    expect(await world.prisma.teamMember.count({ where: { teamId: team } })).toBe(PEOPLE_COUNT);
    expect(await world.sync(directory)).toMatchObject({
      ...{ outcome: 'done', counts: { created: 0, joined: 0, left: 0 } },
    });
  }, 60_000);

  it('stop a sync that would take too many away, until a person says yes to just that', async () => {
    const team = await world.team('small');
    const rule = await world.rule(team, directory, groupWish('g0'));
    const before = await world.members(team);
    expect(before.length).toBeGreaterThan(10);
    const first = dnOf(before[0] ?? '');
    await modify(groupDn('g0'), 'replace', 'member', ['cn=nobody']);
    expect((await preview()).held.join()).toContain('“small” would lose all its');
    const held = await world.sync(directory, 'increment');
    expect(held).toMatchObject({ outcome: 'held' });
    expect(await world.members(team)).toEqual(before);
    // Nobody waits for somebody to look at it.
    await expect
      .poll(async () => (await world.admin.call('GET', '/alerts')).text)
      .toContain('would lose all its');
    // The same again is the same one that waits, not another.
    const again = await world.sync(directory);
    const waiting = (await world.admin.call('GET', `/directories/${directory.id}`)).json as DirectoryView;
    expect(waiting.held?.id).toBe(again.id);
    const stale = `/directories/${directory.id}/runs/${held.id}/confirm`;
    expect([404, 409]).toContain((await world.admin.call('POST', stale)).status);
    // Meanwhile one is back: a yes to more covers less.
    await modify(groupDn('g0'), 'add', 'member', [first]);
    const confirmed = await world.admin.call('POST', `/directories/${directory.id}/runs/${again.id}/confirm`);
    expect(confirmed.json).toMatchObject({ outcome: 'done' });
    expect(await world.members(team)).toEqual([before[0]]);
    const after = (await world.admin.call('GET', `/directories/${directory.id}`)).json as DirectoryView;
    expect(after.held).toBeNull();
    await world.admin.call('DELETE', `/teams/${team}/rules/${rule}`);
    expect(await world.members(team)).toEqual([]);
  }, 60_000);

  it('are all kept by a configuration that finds nobody', async () => {
    const wrong = openLdap(slapd, {
      users: [{ base: GROUPS, filter: '(objectClass=groupOfNames)', usernameAttribute: 'cn' }],
    });
    const present = (await world.admin.call('GET', `/directories/${directory.id}`)).json;
    const kept = await world.edit(present, { configuration: wrong });
    expect(await world.sync(directory)).toMatchObject({ outcome: 'held' });
    expect(
      await world.prisma.user.count({ where: { directoryId: directory.id, disabledAt: null } }),
    ).toBeGreaterThan(PEOPLE_COUNT - 1);
    expect((await world.admin.call('POST', `/directories/${kept.id}/switch-back`)).status).toBe(200);
    expect(await world.sync(directory)).toMatchObject({ outcome: 'done' });
  }, 60_000);
});

describe('groups that name their members by user name', () => {
  it('are followed too, at sign-in and by a sync', async () => {
    // Of the others' groups this one's rules find none.
    await world.prisma.teamRule.deleteMany();
    const groups = {
      base: GROUPS,
      filter: '(objectClass=posixGroup)',
      memberAttribute: 'memberUid',
      memberIs: 'username',
    };
    const present = (await world.admin.call('GET', `/directories/${directory.id}`)).json;
    directory = await world.edit(present, { configuration: openLdap(slapd, { groups }) });
    const team = await world.team('posix');
    await world.rule(team, directory, { kind: 'group', dn: `cn=posix,${GROUPS}` });
    expect(await world.members(team)).toEqual([]);
    await modify(`cn=posix,${GROUPS}`, 'add', 'memberUid', ['p0001', 'P0002']);
    await world.sync(directory, 'increment');
    expect(await world.members(team)).toEqual(['p0001', 'p0002']);
    await modify(`cn=posix,${GROUPS}`, 'add', 'memberUid', ['p0003']);
    expect((await world.signIn('p0003', passwordOf('p0003'))).status).toBe(200);
    expect(await world.members(team)).toEqual(['p0001', 'p0002', 'p0003']);
  });
});

describe('a directory that is switched off or removed while it is read', () => {
  it('lets nobody back by what was read of it', async () => {
    const { id } = await world.addDirectory(openLdap(slapd), { name: 'Brief' });
    await world.firstSync({ id });
    const answer = await world.signIn('p0010', passwordOf('p0010'), { directory: id });
    const { me } = answer.json as { me: { id: string } };
    const disabled = async () =>
      (await world.prisma.user.findUniqueOrThrow({ where: { id: me.id } })).disabledAt !== null;
    const duringSync = async (work: () => Promise<unknown>) => {
      slapd.freeze();
      const run = world.sync({ id });
      await expect
        .poll(() => world.prisma.directoryRun.count({ where: { directoryId: id, outcome: 'running' } }))
        .toBe(1);
      await work();
      slapd.thaw();
      return run.catch(() => undefined);
    };
    expect(await disabled()).toBe(false);
    await duringSync(async () => {
      const present = (await world.admin.call('GET', `/directories/${id}`)).json;
      await world.edit(present, { enabled: false });
    });
    expect(await disabled()).toBe(true);
    const off = (await world.admin.call('GET', `/directories/${id}`)).json;
    await world.edit(off, { enabled: true });
    await world.sync({ id });
    expect(await disabled()).toBe(false);
    await duringSync(() => world.admin.call('DELETE', `/directories/${id}`));
    expect(await disabled()).toBe(true);
  });
});
