import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, EqualityFilter } from 'ldapts';
import { createServer } from '../apps/server/src/app.ts';
import {
  dnOf,
  GROUPS,
  group,
  groupDn,
  PEOPLE,
  passwordOf,
  person,
  READER,
  READER_PASSWORD,
  startSlapd,
} from '../apps/server/src/identity/directories/testing/slapd.ts';
import { migrate } from '../apps/server/src/platform/db/migrate.ts';
import { startScratch } from '../apps/server/src/platform/db/scratch.ts';
import { publishResults } from './report/publish.ts';
import { figures } from './report/results.ts';

/**
 * What a sign-in adds to the directory's own answer, and what a full sync takes: 5,000 people in 300 groups that are
 * nested in one, on a real OpenLDAP over LDAPS, with a real PostgreSQL, all on one machine. The directory's own answer
 * is the same questions asked by a client that does nothing else.
 */

const PEOPLE_COUNT = 5_000;
const GROUP_COUNT = 299;
const SIGN_INS = 40;
const SYNCS = 5;

const everybody = Array.from({ length: PEOPLE_COUNT }, (_, n) => `p${n}`);
const groupNames = Array.from({ length: GROUP_COUNT }, (_, g) => `g${g}`);
const slapd = await startSlapd([
  ...everybody.map((uid) => person(uid)),
  ...groupNames.map((name, g) => group(name, everybody.filter((_uid, n) => n % GROUP_COUNT === g).map(dnOf))),
  group('all', groupNames.map(groupDn)),
]);
const database = await startScratch();
await migrate(database.url('owner'), database.url('application'));
const folder = mkdtempSync(join(tmpdir(), 'portreeve-bench-directory-'));
let password = '';
const server = await createServer({
  databaseUrl: database.url('application'),
  ...{ keyFile: join(folder, 'cluster.key'), dataFolder: folder, clusterName: 'bench' },
  console: { host: '127.0.0.1', port: 0, names: [], tls: 'none' },
  agents: { host: '127.0.0.1', port: 0, addresses: [] },
  ...{ web: 'none', logLevel: 'fatal' },
  onFirstPassword: (made) => {
    password = made;
  },
});

type Headers = Record<string, string>;
const call = async <T>(method: string, path: string, body: unknown, headers: Headers = {}): Promise<T> => {
  const response = await fetch(`${server.consoleUrl}/api/v1${path}`, {
    ...{ method, body: JSON.stringify(body) },
    headers: { 'content-type': 'application/json', ...headers },
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${text}`);
  return JSON.parse(text) as T;
};
const signIn = async (name: string, secret: string): Promise<Headers> => {
  const response = await fetch(`${server.consoleUrl}/api/v1/session`, {
    ...{ method: 'POST', body: JSON.stringify({ name, password: secret }) },
    headers: { 'content-type': 'application/json' },
  });
  if (!response.ok) throw new Error(await response.text());
  const { pageSecret } = (await response.json()) as { pageSecret: string };
  return {
    cookie: response.headers.get('set-cookie')?.split(';')[0] ?? '',
    'x-portreeve-page': pageSecret,
  };
};

const NEW_PASSWORD = 'a password for the benchmark';
const first = await signIn('admin', password);
await call('PUT', '/me/password', { current: password, next: NEW_PASSWORD }, first);
const admin = await signIn('admin', NEW_PASSWORD);
const directory = await call<{ id: string }>(
  'POST',
  '/directories',
  {
    name: 'Shop',
    password: READER_PASSWORD,
    configuration: {
      ...{ kind: 'openldap', urls: [slapd.tlsUrl], caPem: slapd.caPem, bindDn: READER },
      users: [{ base: PEOPLE, filter: '(objectClass=inetOrgPerson)' }],
      groups: { base: GROUPS },
      ...{ accounts: 'by-sync', syncSeconds: 3_600 },
    },
  },
  admin,
);
const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};
/** The first one is the schedule's own. */
const syncOnce = async (): Promise<number> => {
  for (;;) {
    const began = performance.now();
    const run = await call<{ outcome: string }>(
      'POST',
      `/directories/${directory.id}/sync`,
      { kind: 'full' },
      admin,
    ).catch(() => undefined);
    if (run?.outcome === 'done') return performance.now() - began;
    if (run) throw new Error(`the sync ended as ${run.outcome}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};
await syncOnce();
const team = await call<{ id: string }>('POST', '/teams', { name: 'everybody' }, admin);
const joined = await timed(() =>
  call(
    'POST',
    `/teams/${team.id}/rules`,
    {
      ...{ directoryId: directory.id, wish: { kind: 'group', dn: groupDn('all') } },
    },
    admin,
  ),
);
const syncs: number[] = [];
for (let n = 0; n < SYNCS; n += 1) syncs.push(await syncOnce());

/** The questions of a sign-in, and nothing else. */
const askDirectory = async (uid: string): Promise<void> => {
  const open = () => new Client({ url: slapd.tlsUrl, tlsOptions: { ca: slapd.caPem } });
  const search = async (client: Client, base: string, attribute: string, value: string) =>
    (
      await client.search(base, {
        filter: new EqualityFilter({ attribute, value }),
        attributes: ['entryUUID'],
      })
    ).searchEntries;
  const reader = open();
  await reader.bind(READER, READER_PASSWORD);
  await search(reader, PEOPLE, 'uid', uid);
  const own = open();
  await own.bind(dnOf(uid), passwordOf(uid));
  const groups = open();
  await groups.bind(READER, READER_PASSWORD);
  let asked = [dnOf(uid)];
  while (asked.length > 0) {
    const found = await Promise.all(asked.map((dn) => search(groups, GROUPS, 'member', dn)));
    asked = found.flat().map(({ dn }) => dn);
  }
  await Promise.all([reader, own, groups].map((client) => client.unbind()));
};

const answers: number[] = [];
const signIns: number[] = [];
for (let n = 0; n < SIGN_INS + 5; n += 1) {
  const uid = everybody[n * 7] ?? 'p0';
  const own = await timed(() => askDirectory(uid));
  const ours = await timed(() => signIn(uid, passwordOf(uid)));
  if (n < 5) continue;
  answers.push(own);
  signIns.push(ours);
}

const rows = [
  { name: "the directory's own answer", unit: 'ms', ours: figures(answers) },
  { name: 'a sign-in by the directory, with the teams of the person', unit: 'ms', ours: figures(signIns) },
  {
    name: 'what the sign-in adds',
    unit: 'ms',
    ours: figures(signIns.map((ms, n) => ms - (answers[n] ?? 0))),
  },
  { name: '5,000 people join a team by a rule: a full sync with it', unit: 'ms', ours: figures([joined]) },
  { name: 'a full sync of 5,000 people in 300 groups', unit: 'ms', ours: figures(syncs) },
];
for (const { name, ours } of rows)
  console.log(`${name.padEnd(60)} ${ours.min} / ${ours.median} / ${ours.max} ms`);
await server.close();
await database.stop();
await slapd.end();
rmSync(folder, { recursive: true, force: true });
publishResults('directory', rows);
