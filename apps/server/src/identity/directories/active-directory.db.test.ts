import type { DirectoryView } from '@portreeve/contract';
import { Attribute, Change, type Client as LdapClient } from 'ldapts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AD_BASE, AD_GROUPS, AD_PASSWORD, type Samba, STAFF, startSamba } from './testing/samba.ts';
import { type DirectoryWorld, startWorld } from './testing/world.ts';

const PASSWORD = 'Secret0 of the person';
/** More than Active Directory gives of an attribute at once. */
const MANY = 1_600;
const NORMAL = 512;
const DISABLED = 2;
const NEVER_EXPIRES = 65_536;

let samba: Samba;
let root: LdapClient;
let world: DirectoryWorld;
let directory: DirectoryView;

const staffDn = (name: string): string => `CN=${name},${STAFF}`;
const teamDn = (name: string): string => `CN=${name},${AD_GROUPS}`;
const quoted = (password: string) => Buffer.from(`"${password}"`, 'utf16le');
const modify = (dn: string, operation: 'add' | 'delete' | 'replace', type: string, values: string[]) =>
  root.modify(dn, new Change({ operation, modification: new Attribute({ type, values }) }));
const setPassword = (dn: string) =>
  root.modify(
    dn,
    new Change({
      operation: 'replace',
      modification: new Attribute({ type: 'unicodePwd', values: [quoted(PASSWORD)] }),
    }),
  );
const addPerson = async (name: string, account: string, control = NORMAL): Promise<string> => {
  const dn = staffDn(name);
  await root.add(dn, {
    ...{
      objectClass: ['user'],
      sAMAccountName: account,
      displayName: account,
      mail: `${account}@shop.example`,
    },
    userPrincipalName: `${account}@shop.example`,
  });
  await setPassword(dn);
  await modify(dn, 'replace', 'userAccountControl', [String(control)]);
  return dn;
};
const addGroup = (name: string, member: string[]) =>
  root.add(teamDn(name), { objectClass: ['group'], sAMAccountName: name, member });

const configuration = (change: Record<string, unknown> = {}) => ({
  ...{ kind: 'active-directory', urls: [samba.url], security: 'ldaps', caPem: samba.caPem },
  bindDn: samba.administrator,
  users: [
    {
      ...{ base: STAFF, filter: '(&(objectCategory=person)(objectClass=user))' },
      ...{ usernameAttribute: 'sAMAccountName', nameAttribute: 'displayName' },
    },
  ],
  groups: { base: AD_GROUPS },
  syncSeconds: 3_600,
  ...change,
});

beforeAll(async () => {
  samba = await startSamba();
  root = await samba.root();
  for (const dn of [STAFF, AD_GROUPS]) await root.add(dn, { objectClass: ['organizationalUnit'] });
  await addPerson('Ann', 'ann');
  await addPerson('Müller\\, (Bob) \\\\ #1', 'bob');
  await addPerson('Cem', 'cem');
  await addPerson('Off', 'off', NORMAL + DISABLED);
  await addPerson('Old', 'old');
  await addPerson('New', 'new');
  await addPerson('Over', 'over');
  await addPerson('Lock', 'lock');
  await addPerson('Gone', 'gone');
  await addPerson('Forever', 'forever', NORMAL + NEVER_EXPIRES);
  await modify(staffDn('New'), 'replace', 'pwdLastSet', ['0']);
  await modify(staffDn('Over'), 'replace', 'accountExpires', ['131000000000000000']);
  await modify(AD_BASE, 'replace', 'lockoutThreshold', ['3']);
  await addGroup('inner', [staffDn('Ann'), staffDn('Müller\\, (Bob) \\\\ #1')]);
  await addGroup('outer', [teamDn('inner'), staffDn('Forever')]);
  world = await startWorld();
  directory = await world.addDirectory(configuration(), { password: AD_PASSWORD });
  await world.firstSync(directory);
}, 120_000);
afterAll(async () => {
  await root?.unbind();
  await world?.test.close();
  await samba?.end();
});

const said = async (name: string, password = PASSWORD): Promise<{ status: number; detail?: string }> => {
  await world.prisma.throttle.deleteMany();
  const answer = await world.signIn(name, password);
  return { status: answer.status, detail: (answer.json as { detail?: string }).detail };
};
const WRONG = { status: 401, detail: 'Name or password is wrong.' };

describe('Active Directory', () => {
  it('lets in by account name, whatever its case and the name of its entry', async () => {
    for (const name of ['ann', 'ANN', 'bob']) expect(await said(name)).toMatchObject({ status: 200 });
    expect(await said('ann', 'Wrong0 password')).toEqual(WRONG);
    expect(await said('nobody')).toEqual(WRONG);
    const ann = await world.prisma.user.findFirstOrThrow({ where: { name: 'ann' } });
    expect(ann).toMatchObject({ directoryDn: staffDn('Ann'), email: 'ann@shop.example' });
    expect(ann.directoryKey).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
  });

  it('tells its refusals apart for who knows the password, and for nobody else', async () => {
    samba.offline(
      `dn: ${staffDn('Old')}\nchangetype: modify\nreplace: pwdLastSet\npwdLastSet: 100000000000000000\n`,
    );
    const expected = {
      off: 'This account is disabled in the directory.',
      old: 'Your password has expired: the directory wants a new one first.',
      new: 'The directory wants you to choose a new password first.',
      over: 'This account has expired in the directory.',
    };
    for (const [name, detail] of Object.entries(expected)) {
      expect({ name, ...(await said(name)) }).toEqual({ name, status: 401, detail });
      expect({ name, ...(await said(name, 'Wrong0 password')) }).toEqual({ name, ...WRONG });
    }
    for (let n = 0; n < 4; n += 1) expect(await said('lock', 'Wrong0 password')).toEqual(WRONG);
    // Locked, and that is not told: it would be told whatever the password.
    expect(await said('lock')).toEqual(WRONG);
  });

  it.each([
    ['StartTLS', () => ({ urls: [samba.plainUrl], security: 'starttls' })],
    [
      'the principal name, by a second search',
      () => ({
        users: [
          ...configuration().users,
          { ...configuration().users[0], usernameAttribute: 'userPrincipalName' },
        ],
      }),
    ],
  ])('lets in by %s, and tells refusals apart there too', async (_, change) => {
    const { id } = await world.addDirectory(configuration(change()), {
      ...{ name: 'Again', password: AD_PASSWORD },
    });
    await world.prisma.throttle.deleteMany();
    const signIn = (name: string, password = PASSWORD) => world.signIn(name, password, { directory: id });
    expect((await signIn('cem')).status).toBe(200);
    if ('users' in change()) expect((await signIn('cem@shop.example')).status).toBe(200);
    expect((await signIn('off')).text).toContain('disabled in the directory');
    expect((await signIn('off', 'Wrong0 password')).text).toContain('is wrong');
    await world.admin.call('DELETE', `/directories/${id}`);
  });

  it('refuses a bind in clear, which is told', async () => {
    const test = await world.admin.call('POST', '/directory-tests', {
      configuration: configuration({ urls: [samba.plainUrl], security: 'plain', caPem: null }),
      password: AD_PASSWORD,
    });
    expect(test.json).toMatchObject({ ok: false });
    expect(test.text).toContain('ransport encryption required');
  });
});

describe('teams of Active Directory', () => {
  it('follow groups in groups, at the sign-in and by an increment', async () => {
    const team = await world.team('outer');
    await world.rule(team, directory, { kind: 'group', dn: teamDn('outer') });
    expect(await world.members(team)).toEqual(['ann', 'bob']);
    await said('forever');
    expect(await world.members(team)).toEqual(['ann', 'bob', 'forever']);
    await modify(teamDn('inner'), 'delete', 'member', [staffDn('Ann')]);
    expect(await world.sync(directory, 'increment')).toMatchObject({
      ...{ kind: 'increment', outcome: 'done', counts: { left: 1 } },
    });
    expect(await world.members(team)).toEqual(['bob', 'forever']);
  });

  it('read a group of more members than it gives at once to its end, by ranges', async () => {
    const names = Array.from({ length: MANY }, (_, n) => `many${n}`);
    for (const name of names)
      await root.add(staffDn(name), {
        objectClass: ['user'],
        sAMAccountName: name,
        userAccountControl: String(NORMAL + 32),
      });
    await addGroup('many', names.map(staffDn));
    const present = (await world.admin.call('GET', `/directories/${directory.id}`)).json;
    directory = await world.edit(present, { configuration: configuration({ accounts: 'by-sync' }) });
    const team = await world.team('many');
    await world.rule(team, directory, { kind: 'group', dn: teamDn('many') });
    expect(await world.prisma.teamMember.count({ where: { teamId: team } })).toBe(MANY);
  }, 120_000);

  it('S-17 end with who is disabled, renamed or deleted', async () => {
    const session = await world.test.signIn('gone', PASSWORD);
    const cem = await world.test.signIn('cem', PASSWORD);
    await root.modifyDN(staffDn('Gone'), `CN=Going,${STAFF}`);
    await modify(`CN=Going,${STAFF}`, 'replace', 'sAMAccountName', ['going']);
    expect(await world.sync(directory, 'increment')).toMatchObject({ counts: { changed: 1 } });
    expect((await session.call('GET', '/me')).json).toMatchObject({ name: 'going' });
    await root.del(`CN=Going,${STAFF}`);
    await modify(staffDn('Cem'), 'replace', 'userAccountControl', [String(NORMAL + DISABLED)]);
    expect(await world.sync(directory, 'increment')).toMatchObject({
      ...{ kind: 'increment', counts: { disabled: 2 } },
    });
    expect((await session.call('GET', '/me')).status).toBe(401);
    expect((await cem.call('GET', '/me')).status).toBe(401);
  });

  it('are read in full where another controller answers', async () => {
    await world.prisma.$executeRaw`
      UPDATE "Directory" SET mark = mark || '{"server":"00"}'::jsonb WHERE id = ${directory.id}::uuid`;
    expect(await world.sync(directory, 'increment')).toMatchObject({ kind: 'full', outcome: 'done' });
    const { mark } = await world.prisma.directory.findFirstOrThrow({ where: { id: directory.id } });
    expect(mark).toMatchObject({ server: expect.stringMatching(/^[0-9a-f]{32}$/) });
  });

  it('are found below the root of the domain too, whose referrals are followed nowhere', async () => {
    const users = [{ ...configuration().users[0], base: AD_BASE }];
    const test = await world.admin.call('POST', '/directory-tests', {
      ...{ directoryId: directory.id, configuration: configuration({ users }) },
      ...{ username: 'bob', userPassword: PASSWORD },
    });
    expect(test.json).toMatchObject({ ok: true, entry: { username: 'bob' }, teams: [{ name: 'outer' }] });
  });
});
