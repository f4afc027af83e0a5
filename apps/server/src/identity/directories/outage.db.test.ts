import { Attribute, Change } from 'ldapts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCa } from '../../platform/ca/certificates.ts';
import { ADMINISTRATOR_PASSWORD } from '../../test-server.ts';
import {
  type LyingServer,
  NO_START_TLS,
  startCutter,
  startLyingServer,
  startMisnamed,
} from './testing/lying-server.ts';
import { dnOf, passwordOf, person, READER_PASSWORD, type Slapd, startSlapd } from './testing/slapd.ts';
import { type DirectoryWorld, openLdap, startWorld } from './testing/world.ts';

let slapd: Slapd;
let world: DirectoryWorld;
const lying: LyingServer[] = [];
beforeAll(async () => {
  slapd = await startSlapd(['ann', 'bob', 'cem'].map((uid) => person(uid)));
  world = await startWorld();
});
afterAll(async () => {
  for (const each of lying) await each.end();
  await world?.test.close();
  await slapd?.end();
});
const lies = async (server: Promise<LyingServer>): Promise<LyingServer> => {
  const started = await server;
  lying.push(started);
  return started;
};

/** One directory at a time, kept though nothing is right about it. */
const withDirectory = async (
  change: Record<string, unknown>,
  work: (id: string) => Promise<void>,
): Promise<void> => {
  const { id } = await world.addDirectory(openLdap(slapd, change), { untested: true });
  try {
    await work(id);
  } finally {
    await world.admin.call('DELETE', `/directories/${id}`);
  }
};
const unavailable = async (): Promise<string> => {
  const answer = await world.signIn('ann', passwordOf('ann'));
  expect(answer.json).toMatchObject({ status: 503, code: 'directory.unavailable' });
  return (answer.json as { detail: string }).detail;
};
const recovers = async (): Promise<void> => {
  const local = await world.signIn('admin', ADMINISTRATOR_PASSWORD);
  expect(local.status).toBe(200);
};
const WAYS = [
  ['passport-ldapauth', () => ({})],
  ['ldapts', () => ({ urls: [slapd.url], security: 'starttls' })],
] as const;

describe('a directory that is not as it should be', () => {
  // The answer has to come within five seconds; the rest of the time is for a crowded machine.
  it.each(WAYS)(
    'F-27 is told of by %s while it is down and while it hangs, and is asked again by itself afterwards',
    async (_, change) => {
      await withDirectory(change(), async () => {
        const session = await world.test.signIn('ann', passwordOf('ann'));
        await slapd.stop();
        expect(await unavailable()).toContain('nothing listens there');
        await recovers();
        expect((await session.call('GET', '/me')).status).toBe(200);
        await slapd.start();
        expect((await world.signIn('ann', passwordOf('ann'))).status).toBe(200);
        slapd.freeze();
        await world.prisma.throttle.deleteMany();
        await unavailable();
        // Nobody has to wait for having tried meanwhile.
        expect(await world.prisma.throttle.count({ where: { failures: { gt: 0 } } })).toBe(0);
        await recovers();
        slapd.thaw();
        expect((await world.signIn('ann', passwordOf('ann'))).status).toBe(200);
        expect((await session.call('GET', '/me')).status).toBe(200);
      });
    },
    15_000,
  );

  it('F-27 is told of where it answers in part, wherever that ends', async () => {
    for (const bytes of [0, 1, 14, 30, 80, 200]) {
      const cutter = await lies(startCutter(slapd.port, bytes));
      const plain = { urls: [`ldap://127.0.0.1:${cutter.port}`], caPem: null };
      for (const security of ['plain', 'starttls'])
        await withDirectory({ ...plain, security, connectTimeoutMs: 500 }, async () => {
          await unavailable();
        });
    }
  }, 60_000);

  it('F-27 ends nobody by a sync that fails or is cut short', async () => {
    const cutter = await lies(startCutter(slapd.port, 500));
    await withDirectory({}, async (id) => {
      const session = await world.test.signIn('bob', passwordOf('bob'));
      const before = (await world.admin.call('GET', `/directories/${id}`)).json;
      const url = `ldap://127.0.0.1:${cutter.port}`;
      await world.edit(before, {
        configuration: openLdap(slapd, { urls: [url], security: 'plain', caPem: null }),
        ...{ password: READER_PASSWORD, untested: true },
      });
      for (const kind of ['full', 'increment'] as const)
        expect(await world.sync({ id }, kind)).toMatchObject({ outcome: 'failed' });
      expect((await session.call('GET', '/me')).status).toBe(200);
      const runs = await world.admin.call('GET', `/directories/${id}/runs`);
      expect((runs.json as { items: unknown[] }).items.length).toBeLessThanOrEqual(2);
    });
  });

  it('S-16 gets no password where its certificate is not trusted, names another, or TLS is refused', async () => {
    const other = await makeCa('0190bbbb-0000-7000-8000-000000000000');
    const misnamed = await lies(startMisnamed(other, '127.0.0.2'));
    const refusing = await lies(startLyingServer(NO_START_TLS));
    const cases = [
      [{ caPem: null }, /not trusted/],
      [{ caPem: other.certificatePem }, /not trusted/],
      [{ urls: [slapd.url], security: 'starttls', caPem: other.certificatePem }, /TLS|trusted/],
      [
        { urls: [`ldaps://127.0.0.2:${misnamed.port}`], caPem: other.certificatePem },
        /does not match certificate/,
      ],
      [{ urls: [`ldap://127.0.0.1:${refusing.port}`], security: 'starttls' }, /does not begin TLS/],
    ] as const;
    for (const [change, words] of cases) {
      await withDirectory(change, async (id) => {
        expect(await unavailable()).toMatch(words);
        const test = await world.admin.call('POST', '/directory-tests', {
          ...{ directoryId: id, configuration: openLdap(slapd, change), password: READER_PASSWORD },
        });
        const steps = (test.json as { steps: { state: string; text: string }[] }).steps;
        expect(steps.find(({ state }) => state === 'failed')?.text).toMatch(words);
      });
    }
    for (const { received } of [misnamed, refusing]) {
      expect(received().includes(passwordOf('ann'))).toBe(false);
      expect(received().includes(READER_PASSWORD)).toBe(false);
    }
    // And where a person wills it so, it is taken as it is.
    await withDirectory({ caPem: null, verifyCertificate: false }, async () => {
      expect((await world.signIn('ann', passwordOf('ann'))).status).toBe(200);
    });
  }, 60_000);

  it('is let go on without for as long as was set, and no longer', async () => {
    await withDirectory({ graceMinutes: 5 }, async (id) => {
      const session = await world.test.signIn('cem', passwordOf('cem'));
      const made = await session.call('POST', '/me/tokens', { name: 'ci' });
      const bearer = { authorization: `Bearer ${(made.json as { token: string }).token}` };
      const asked = () => world.test.anonymous.call('GET', '/me', undefined, bearer);
      const alarms = async () => (await world.admin.call('GET', '/alerts')).text;
      await world.sync({ id });
      await slapd.stop();
      try {
        const at = new Date(Date.now() - 6 * 60_000).toISOString();
        await world.prisma.$executeRaw`
          UPDATE "Directory" SET mark = jsonb_set(mark, '{at}', to_jsonb(${at}::text)),
            configuration = jsonb_set(configuration, '{syncSeconds}', '5') WHERE id = ${id}::uuid`;
        await expect.poll(async () => (await session.call('GET', '/me')).status).toBe(401);
        expect((await asked()).status).toBe(401);
        await expect.poll(alarms).toContain('The directory Shop cannot be synced.');
      } finally {
        await slapd.start();
      }
      // Once it answers again the token is good again: nobody took it away.
      await expect.poll(async () => (await asked()).status).toBe(200);
      await expect.poll(alarms).not.toContain('The directory Shop');
    });
  }, 40_000);
});

describe('a configuration that does not work', () => {
  it('is not kept by mistake, and one press goes back from one that was kept', async () => {
    const wrong = openLdap(slapd, { bindDn: dnOf('nobody') });
    const refused = await world.admin.call('POST', '/directories', {
      ...{ name: 'Shop', configuration: wrong, password: READER_PASSWORD },
    });
    expect(refused.json).toMatchObject({ status: 422, code: 'directory.refused' });
    await withDirectory({}, async (id) => {
      const first = (await world.admin.call('GET', `/directories/${id}`)).json;
      const kept = await world.edit(first, {
        ...{ configuration: wrong, password: READER_PASSWORD, untested: true },
      });
      expect(kept.previous).toMatchObject({ bindDn: openLdap(slapd).bindDn });
      await unavailable();
      const back = await world.admin.call('POST', `/directories/${id}/switch-back`);
      expect(back.status, back.text).toBe(200);
      expect((await world.signIn('ann', passwordOf('ann'))).status).toBe(200);
      await expect
        .poll(async () => (await world.admin.call('POST', `/directories/${id}/switch-back`)).status)
        .toBe(200);
    });
  });

  it('S-34 S-16 is refused where it would ask in clear, or at addresses that are no directories', async () => {
    const plain = { security: 'plain', caPem: null };
    for (const [change, words] of [
      [{ ...plain, urls: ['ldap://directory.example'] }, 'without TLS only a directory on the same machine'],
      [{ ...plain, urls: ['ldap://10.0.0.1:389'] }, 'without TLS only a directory on the same machine'],
      [{ urls: ['ldaps://169.254.169.254'] }, 'link-local'],
      [{ urls: ['ldaps://[fe80::1]'] }, 'link-local'],
      [{ urls: ['ldaps://0xa9fea9fe'] }, 'link-local'],
      [{ urls: ['ldap://127.0.0.1'] }, 'LDAPS needs an address with ldaps://'],
      [{ urls: ['file:///etc/passwd'] }, 'write it like'],
      [{ urls: ['ldaps://user:secret@directory.example'] }, 'write it like'],
      [{ urls: ['ldaps://directory.example/dc=shop'] }, 'write it like'],
    ] as const) {
      const configuration = { ...openLdap(slapd), ...change };
      const answer = await world.admin.call('POST', '/directory-tests', { configuration, password: 'x' });
      expect(answer.json).toMatchObject({ status: 400 });
      expect(answer.text).toContain(words);
    }
  });

  it('does not get the password that was given for another server, or another way', async () => {
    await withDirectory({}, async (id) => {
      const listener = await lies(startLyingServer());
      const urls = [`ldap://127.0.0.1:${listener.port}`];
      for (const change of [{ urls, security: 'plain' }, { verifyCertificate: false }, { caPem: null }]) {
        const configuration = openLdap(slapd, change);
        const body = { directoryId: id, configuration };
        const answer = await world.admin.call('POST', '/directory-tests', body);
        expect(answer.json).toMatchObject({ status: 400 });
        expect(answer.text).toContain('Type the password of the service account again');
      }
      expect(listener.received()).toHaveLength(0);
    });
  });
});

describe('a test before it is kept', () => {
  it('says of each step what came of it, and what would follow for a person', async () => {
    const test = (change: Record<string, unknown>, more: Record<string, unknown> = {}) =>
      world.admin.call('POST', '/directory-tests', {
        ...{ configuration: openLdap(slapd, change), password: READER_PASSWORD, ...more },
      });
    const stepsOf = async (answer: ReturnType<typeof test>) => {
      const { json, status, text } = await answer;
      expect(status, text).toBe(200);
      const { steps } = json as { steps: { name: string; state: string }[] };
      return Object.fromEntries(steps.map(({ name, state }) => [name, state]));
    };
    const all = { connect: 'ok', tls: 'ok', bind: 'ok', search: 'ok' };
    const ann = { username: 'ann', userPassword: passwordOf('ann') };
    expect(await stepsOf(test({}, ann))).toMatchObject({ ...all, entry: 'ok', password: 'ok', teams: 'ok' });
    expect(await stepsOf(test({}))).toMatchObject({ ...all, entry: 'left-out' });
    expect(await stepsOf(test({ urls: ['ldaps://127.0.0.1:1'] }))).toMatchObject({
      ...{ connect: 'failed', tls: 'left-out', bind: 'left-out' },
    });
    expect(await stepsOf(test({ caPem: null }))).toMatchObject({ connect: 'ok', tls: 'failed' });
    expect(await stepsOf(test({ verifyCertificate: false }))).toMatchObject({ tls: 'warning', bind: 'ok' });
    expect(await stepsOf(test({}, { password: 'wrong' }))).toMatchObject({ tls: 'ok', bind: 'failed' });
    expect(await stepsOf(test({}, { password: '' }))).toMatchObject({ bind: 'failed' });
    const nowhere = { users: [{ base: 'ou=none,dc=shop,dc=example' }] };
    expect(await stepsOf(test(nowhere))).toMatchObject({ bind: 'ok', search: 'failed' });
    expect(await stepsOf(test({}, { username: 'nobody' }))).toMatchObject({ search: 'ok', entry: 'failed' });
    expect(await stepsOf(test({}, { ...ann, userPassword: 'wrong' }))).toMatchObject({ password: 'failed' });
    const { text } = await test({ users: [{ base: 'dc=shop', filter: '(uid=' }] });
    expect(text).toContain('is no LDAP filter');
  });
});

describe('a person', () => {
  it('whose entry changes is known by its new name at the next sign-in', async () => {
    await withDirectory({}, async () => {
      await world.signIn('bob', passwordOf('bob'));
      const root = await slapd.root();
      const modification = new Attribute({ type: 'cn', values: ['Robert'] });
      await root.modify(dnOf('bob'), new Change({ operation: 'replace', modification }));
      await root.unbind();
      const again = await world.signIn('bob', passwordOf('bob'));
      expect(again.json).toMatchObject({ me: { name: 'bob', displayName: 'Robert' } });
    });
  });
});
