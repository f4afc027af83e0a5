import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'ldapts';
import { makeCa, makeServerCertificate } from '../../../platform/ca/certificates.ts';
import { freePort } from '../../../platform/db/scratch.ts';

export const BASE = 'dc=shop,dc=example';
export const PEOPLE = `ou=people,${BASE}`;
export const GROUPS = `ou=groups,${BASE}`;
export const READER = `cn=reader,${BASE}`;
export const READER_PASSWORD = 'the reader of the shop';
/** May read all, but not to the end of a long answer. */
export const SHORT_READER = `cn=short,${BASE}`;
export const passwordOf = (uid: string): string => `secret of ${uid}`;
const ROOT_DN = `cn=root,${BASE}`;
const ROOT_PASSWORD = 'root of the shop';

export type Slapd = {
  url: string;
  tlsUrl: string;
  port: number;
  caPem: string;
  /** Bound as the directory's own administrator. */
  root(): Promise<Client>;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Nothing is answered any more, and nothing ends. */
  freeze(): void;
  thaw(): void;
  /** Stops it and removes all of it. */
  end(): Promise<void>;
};
export type Entry = Record<string, string | string[]> & { dn: string };

export const person = (uid: string, more: Record<string, string | string[]> = {}): Entry => ({
  dn: `uid=${uid},${PEOPLE}`,
  objectClass: 'inetOrgPerson',
  ...{ uid, sn: uid, cn: `Person ${uid}`, mail: `${uid}@shop.example`, userPassword: passwordOf(uid) },
  ...more,
});
export const group = (cn: string, members: string[]): Entry => ({
  dn: `cn=${cn},${GROUPS}`,
  objectClass: 'groupOfNames',
  cn,
  // The schema wants one member at least.
  member: ['cn=nobody', ...members],
});
export const dnOf = (uid: string): string => `uid=${uid},${PEOPLE}`;
export const groupDn = (cn: string): string => `cn=${cn},${GROUPS}`;

const frame = (): Entry[] => [
  { dn: BASE, objectClass: ['dcObject', 'organization'], dc: 'shop', o: 'Shop' },
  { dn: PEOPLE, objectClass: 'organizationalUnit', ou: 'people' },
  { dn: GROUPS, objectClass: 'organizationalUnit', ou: 'groups' },
  {
    ...{ dn: READER, objectClass: ['organizationalRole', 'simpleSecurityObject'], cn: 'reader' },
    userPassword: READER_PASSWORD,
  },
  {
    ...{ dn: SHORT_READER, objectClass: ['organizationalRole', 'simpleSecurityObject'], cn: 'short' },
    userPassword: READER_PASSWORD,
  },
];

/** Values as base64: they may hold anything. */
const ldifOf = (entries: readonly Entry[]): string =>
  entries
    .map(({ dn, ...attributes }) => {
      const lines = Object.entries(attributes).flatMap(([name, values]) =>
        [values].flat().map((value) => `${name}:: ${Buffer.from(value).toString('base64')}`),
      );
      return [`dn:: ${Buffer.from(dn).toString('base64')}`, ...lines].join('\n');
    })
    .join('\n\n')
    .concat('\n');

const configOf = (folder: string): string =>
  `${['core', 'cosine', 'inetorgperson', 'nis'].map((name) => `include /etc/ldap/schema/${name}.schema`).join('\n')}
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
moduleload ppolicy
TLSCACertificateFile ${folder}/ca.pem
TLSCertificateFile ${folder}/server.pem
TLSCertificateKeyFile ${folder}/server.key
# A name with an empty password succeeds here, as nobody: a sign-in must not.
allow bind_anon_cred bind_anon_dn
# Nobody gets more at once: whoever does not page is cut off, and so is whoever may not page to the end.
sizelimit 500
database mdb
suffix ${BASE}
rootdn ${ROOT_DN}
rootpw "${ROOT_PASSWORD}"
directory ${folder}/data
maxsize 268435456
dbnosync
limits dn.exact="${READER}" size.soft=500 size.hard=500 size.prtotal=unlimited
index objectClass,uid,entryUUID,member,modifyTimestamp eq
overlay memberof
overlay ppolicy
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="${READER}" read by dn.exact="${SHORT_READER}" read by users none by anonymous auth
`;

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
    socket.once('connect', () => socket.destroy());
  });

/** A real OpenLDAP on loopback, as a process of its own, with what is in it already. */
export const startSlapd = async (entries: readonly Entry[]): Promise<Slapd> => {
  const folder = mkdtempSync(join(tmpdir(), 'portreeve-slapd-'));
  mkdirSync(join(folder, 'data'));
  const ca = await makeCa('0190aaaa-0000-7000-8000-000000000000');
  const server = await makeServerCertificate(ca, ['directory.shop.example']);
  writeFileSync(join(folder, 'ca.pem'), ca.certificatePem);
  writeFileSync(join(folder, 'server.pem'), server.certificatePem);
  writeFileSync(join(folder, 'server.key'), server.keyPem, { mode: 0o600 });
  const config = join(folder, 'slapd.conf');
  writeFileSync(config, configOf(folder));
  writeFileSync(join(folder, 'all.ldif'), ldifOf([...frame(), ...entries]));
  execFileSync('slapadd', ['-q', '-f', config, '-l', join(folder, 'all.ldif')], { stdio: 'pipe' });
  const [port, tlsPort] = [await freePort(), await freePort()];
  const [url, tlsUrl] = [`ldap://127.0.0.1:${port}`, `ldaps://127.0.0.1:${tlsPort}`];
  let child: ReturnType<typeof spawn> | undefined;

  const start = async () => {
    child = spawn('slapd', ['-d', '0', '-f', config, '-h', `${url} ${tlsUrl}`], { stdio: 'ignore' });
    const begun = Date.now();
    while (!(await answers(port)) || !(await answers(tlsPort))) {
      if (child.exitCode !== null || Date.now() - begun > 20_000) throw new Error('slapd does not start');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const stop = async () => {
    const ending = child;
    child = undefined;
    if (!ending || ending.exitCode !== null) return;
    const ended = new Promise((resolve) => ending.once('exit', resolve));
    ending.kill('SIGCONT');
    ending.kill('SIGKILL');
    await ended;
  };
  await start();
  const kill = () => child?.kill('SIGKILL');
  process.once('exit', kill);
  return {
    ...{ url, tlsUrl, port, caPem: ca.certificatePem, start, stop },
    root: async () => {
      const client = new Client({ url });
      await client.bind(ROOT_DN, ROOT_PASSWORD);
      return client;
    },
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    end: async () => {
      await stop();
      process.removeListener('exit', kill);
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
