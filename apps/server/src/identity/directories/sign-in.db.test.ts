import type { DirectoryView } from '@portreeve/contract';
import { Attribute, Change } from 'ldapts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ADMINISTRATOR_PASSWORD } from '../../test-server.ts';
import { type LyingServer, startLyingServer } from './testing/lying-server.ts';
import {
  dnOf,
  group,
  groupDn,
  PEOPLE,
  passwordOf,
  person,
  READER,
  READER_PASSWORD,
  type Slapd,
  startSlapd,
} from './testing/slapd.ts';
import { type DirectoryWorld, openLdap, startWorld } from './testing/world.ts';

const ODD = 'odd, (one) \\ #1 "ü" +x';
const ODD_DN = `uid=odd\\, (one) \\\\ #1 \\"ü\\" \\+x,${PEOPLE}`;
let slapd: Slapd;
let world: DirectoryWorld;
let elsewhere: LyingServer;
beforeAll(async () => {
  elsewhere = await startLyingServer();
  slapd = await startSlapd([
    {
      ...{ dn: `ou=elsewhere,${PEOPLE}`, objectClass: ['referral', 'extensibleObject'], ou: 'elsewhere' },
      ref: `ldap://127.0.0.1:${elsewhere.port}/${PEOPLE}`,
    },
    ...['ann', 'bob', 'cem', 'eve', 'admin'].map((uid) => person(uid)),
    { ...person('odd'), dn: ODD_DN, uid: ODD },
    person('locked', { pwdAccountLockedTime: '000001010000Z', employeeType: 'night' }),
    group('shop', [dnOf('ann'), ODD_DN]),
    group('all', [groupDn('shop'), dnOf('bob'), groupDn('circle')]),
    group('circle', [groupDn('all')]),
  ]);
  world = await startWorld();
});
afterAll(async () => {
  await world?.test.close();
  await slapd?.end();
  await elsewhere?.end();
});
let directory: DirectoryView | undefined;
const add = async (change: Record<string, unknown> = {}, more: Record<string, unknown> = {}) => {
  directory = await world.addDirectory(openLdap(slapd, change), more);
  return directory;
};
afterEach(async () => {
  if (directory) await world.admin.call('DELETE', `/directories/${directory.id}`);
  directory = undefined;
});

const LDAPS = () => ({});
const STARTTLS = () => ({ urls: [slapd.url], security: 'starttls' });
const PLAIN = () => ({ urls: [slapd.url], security: 'plain', caPem: null });
const SEVERAL = () => ({
  users: [
    { base: PEOPLE, filter: '(employeeType=night)' },
    { base: PEOPLE, filter: '(sn=*)', usernameAttribute: 'mail' },
    { base: PEOPLE, filter: '(objectClass=inetOrgPerson)' },
  ],
});
const WAYS = [
  ['LDAPS', LDAPS],
  ['StartTLS', STARTTLS],
  ['loopback without TLS', PLAIN],
  ['several searches', SEVERAL],
] as const;

const signedIn = async (name: string, more: Record<string, unknown> = {}, password = passwordOf(name)) => {
  const answer = await world.signIn(name, password, more);
  expect(answer.status, answer.text).toBe(200);
  return (answer.json as { me: { id: string; name: string; displayName: string; administrator: boolean } })
    .me;
};
const refused = async (name: string, password: string): Promise<string> => {
  const answer = await world.signIn(name, password);
  expect({ name, status: answer.status, text: answer.text }).toMatchObject({ status: 401 });
  return (answer.json as { detail: string }).detail;
};

describe('ways to a directory', () => {
  it.each(WAYS)('%s lets in who has the password, and nobody else', async (_, change) => {
    await add(change());
    await signedIn('ann');
    await signedIn(ODD, {}, passwordOf('odd'));
    for (const [name, password] of [
      ['ann', passwordOf('bob')],
      ['nobody', passwordOf('ann')],
    ] as const)
      expect(await refused(name, password)).toBe('Name or password is wrong.');
    expect(await refused('locked', passwordOf('ann'))).toBe('Name or password is wrong.');
  });

  it('takes another attribute for the name where a search says so', async () => {
    await add(SEVERAL());
    expect((await signedIn('ann@shop.example', {}, passwordOf('ann'))).displayName).toBe('Person ann');
  });

  it('goes to the next address where one does not answer', async () => {
    await add({ urls: ['ldaps://127.0.0.1:1', slapd.tlsUrl] });
    await signedIn('ann');
  });
});

describe('an account of a directory', () => {
  it('comes to be at the first sign-in, with the teams that follow', async () => {
    const { id } = await add();
    const teams = { shop: await world.team('shop'), all: await world.team('all'), s: await world.team('s') };
    await world.rule(teams.shop, { id }, { kind: 'group', dn: groupDn('shop'), nested: false });
    await world.rule(teams.all, { id }, { kind: 'group', dn: groupDn('all'), nested: true });
    await world.rule(teams.s, { id }, { kind: 'search', base: PEOPLE, filter: '(uid=b*)' });
    await world.prisma.user.deleteMany({ where: { directoryId: id } });
    expect(await world.members(teams.all)).toEqual([]);
    const me = await signedIn('ann');
    expect(me).toMatchObject({ name: 'ann', displayName: 'Person ann', administrator: false });
    expect(await world.prisma.user.findUnique({ where: { id: me.id } })).toMatchObject({
      ...{ directoryId: id, directoryDn: dnOf('ann'), email: 'ann@shop.example', passwordHash: null },
    });
    await signedIn('bob');
    await signedIn(ODD, {}, passwordOf('odd'));
    expect(await world.members(teams.shop)).toEqual(['ann', ODD]);
    expect(await world.members(teams.all)).toEqual(['ann', 'bob', ODD]);
    expect(await world.members(teams.s)).toEqual(['bob']);
    const made = await world.prisma.auditEntry.findFirst({
      where: { action: 'user.create', objectId: me.id },
    });
    expect(made?.detail).toMatchObject({ directory: 'Shop', dn: dnOf('ann') });
  });

  it('never takes over an account of the console that has its name', async () => {
    const { id } = await add();
    expect(await refused('admin', passwordOf('admin'))).toBe('Name or password is wrong.');
    expect(await signedIn('admin', { directory: id })).toMatchObject({
      ...{ name: 'admin@Shop', administrator: false },
    });
    expect(await signedIn('admin', { directory: id })).toMatchObject({ name: 'admin@Shop' });
    expect(await signedIn('admin', {}, ADMINISTRATOR_PASSWORD)).toMatchObject({ administrator: true });
    const chosen = await world.signIn('admin', ADMINISTRATOR_PASSWORD, { directory: id });
    expect(chosen.status).toBe(401);
    expect((await world.signIn('ann', passwordOf('ann'), { directory: 'local' })).status).toBe(401);
  });

  it('has no password here, whatever stands in its row', async () => {
    await add();
    const { id } = await signedIn('cem');
    const { passwordHash } = await world.prisma.user.findFirstOrThrow({ where: { name: 'admin' } });
    await world.prisma.user.update({ where: { id }, data: { passwordHash } });
    expect((await world.signIn('cem', ADMINISTRATOR_PASSWORD)).status).toBe(401);
    expect((await world.signIn('cem', ADMINISTRATOR_PASSWORD, { directory: 'local' })).status).toBe(401);
  });

  it('that the directory has locked is told so to who knows its password, and stays out', async () => {
    await add(SEVERAL());
    // OpenLDAP does not tell a locked account from a wrong password; what the entry says counts then.
    expect(await refused('locked', passwordOf('locked'))).toMatch(/wrong|disabled/);
    expect(await world.prisma.user.count({ where: { name: 'locked' } })).toBe(0);
  });

  it('that an administrator disabled here stays out, though the directory would let it in', async () => {
    await add();
    const { id } = await signedIn('eve');
    await world.prisma.user.update({ where: { id }, data: { disabledAt: new Date(), disabledWhy: 'left' } });
    expect(await refused('eve', passwordOf('eve'))).toBe('This account is disabled here.');
  });

  it('goes with its directory, and comes back with none', async () => {
    const { id } = await add();
    const session = await world.test.signIn('bob', passwordOf('bob'));
    expect((await session.call('GET', '/me')).status).toBe(200);
    expect((await world.anonymousChoices()).map((each) => each.id)).toEqual([id]);
    await world.admin.call('DELETE', `/directories/${id}`);
    directory = undefined;
    expect((await session.call('GET', '/me')).status).toBe(401);
    expect((await world.signIn('bob', passwordOf('bob'))).status).toBe(401);
    expect(await world.anonymousChoices()).toEqual([]);
  });
});

describe('a directory that points elsewhere', () => {
  it.each(WAYS)('S-15 is followed nowhere, by %s, nor by a sync', async (_, change) => {
    const { id } = await add(change());
    await signedIn('ann');
    expect(await refused('nobody', passwordOf('ann'))).toBe('Name or password is wrong.');
    expect(await world.sync({ id })).toMatchObject({ outcome: 'done' });
    const users = [{ base: `ou=elsewhere,${PEOPLE}` }];
    const test = await world.admin.call('POST', '/directory-tests', {
      ...{ configuration: openLdap(slapd, { users }), password: READER_PASSWORD },
    });
    expect(test.json).toMatchObject({ ok: false });
    expect(elsewhere.received()).toHaveLength(0);
  });
});

describe('what is no sign-in', () => {
  it('S-13 never reaches the directory: no password, blanks, what is no text', async () => {
    await add();
    const { id = '' } = directory ?? {};
    await slapd.stop();
    try {
      for (const password of ['', ' ', '     ', '\t'])
        for (const more of [{}, { directory: id }])
          expect((await world.signIn('ann', password, more)).status).toBe(401);
      for (const body of [
        { name: 'ann' },
        { name: 'ann', password: ['x'] },
        { name: 'ann', password: 'a\0b' },
        { name: ['ann'], password: 'x' },
        { name: 'ann\0', password: 'x' },
        { name: 'a'.repeat(10_240), password: 'x' },
      ])
        expect((await world.test.anonymous.call('POST', '/session', body)).status).toBe(400);
      for (const name of ['', ' ', 'ann\n', '\u0007'])
        expect((await world.signIn(name, 'x', { directory: id })).status).toBe(401);
    } finally {
      await slapd.start();
    }
  });

  it.each([
    ['passport-ldapauth', LDAPS],
    ['ldapts', STARTTLS],
  ])('S-14 by %s names that are filters, DNs or templates find nobody', async (_, change) => {
    await add(change());
    const before = await world.prisma.user.count();
    const names = [
      ...['*', 'a*', '*)(uid=*))(|(uid=*', 'ann)(&)', '\\2a', 'ann)(cn=*', 'ann\\29', '(uid=ann)'],
      ...[dnOf('ann'), 'ann+sn=ann', 'uid=ann', '{{username}}', '$&', '$`', "$'", 'ann$`', '$1', 'ann\\'],
      ...[
        'аnn',
        'ann\u200b',
        '\u202eann',
        'a\u0301nn',
        'ann\u00ad',
        '"ann"',
        '<ann>',
        'ann;',
        '#ann',
        'ann=',
      ],
    ];
    for (const name of names) await refused(name, passwordOf('ann'));
    expect(await world.prisma.user.count()).toBe(before);
    // A directory may hold two spellings for one name: the account is that of the entry.
    for (const name of ['ANN', 'Ann']) expect((await signedIn(name, {}, passwordOf('ann'))).name).toBe('ann');
  });

  it('is slowed down like any other', async () => {
    await add();
    await world.prisma.throttle.deleteMany();
    const attempt = () =>
      world.test.anonymous.call('POST', '/session', { name: 'ann', password: 'no such password' });
    const statuses: number[] = [];
    for (let n = 0; n < 7; n += 1) statuses.push((await attempt()).status);
    expect(statuses.slice(0, 5)).toEqual([401, 401, 401, 401, 401]);
    expect(statuses.at(-1)).toBe(429);
    await world.prisma.throttle.deleteMany();
  });
});

describe('a service account that the directory refuses', () => {
  it.each(WAYS)('is told as what it is, by %s', async (_, change) => {
    await add(change());
    const root = await slapd.root();
    const setPassword = (value: string) =>
      root.modify(
        READER,
        new Change({
          operation: 'replace',
          modification: new Attribute({ type: 'userPassword', values: [value] }),
        }),
      );
    await setPassword('another one');
    try {
      for (const name of ['ann', 'nobody']) {
        const answer = await world.signIn(name, passwordOf('ann'));
        expect(answer.json).toMatchObject({ status: 503, code: 'directory.unavailable' });
        expect(answer.text).toContain('refuses the account');
        expect(answer.text).not.toContain(READER_PASSWORD);
      }
    } finally {
      await setPassword(READER_PASSWORD);
      await root.unbind();
    }
    await signedIn('ann');
  });
});
