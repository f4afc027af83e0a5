import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'ldapts';
import { makeCa, makeServerCertificate } from '../../../platform/ca/certificates.ts';

export const AD_BASE = 'DC=shop,DC=example';
export const STAFF = `OU=staff,${AD_BASE}`;
export const AD_GROUPS = `OU=teams,${AD_BASE}`;
export const AD_PASSWORD = 'Passw0rd of the shop';
const REALM = 'SHOP.EXAMPLE';

export type Samba = {
  url: string;
  plainUrl: string;
  caPem: string;
  administrator: string;
  /** Bound as the domain's administrator. */
  root(): Promise<Client>;
  /** Changes what the directory itself does not let be changed. */
  offline(ldif: string): void;
  end(): Promise<void>;
};

/** Its own address of loopback: the ports of a domain controller cannot be chosen, and runs may go side by side. */
const ADDRESS = `127.77.${(process.pid >> 8) & 255}.${(process.pid & 127) + 1}`;
// It binds only to what its interfaces have.
const address = (verb: 'add' | 'del') =>
  spawnSync('ip', ['address', verb, `${ADDRESS}/32`, 'dev', 'lo'], { stdio: 'ignore' });

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, ADDRESS);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

const SETTINGS = (folder: string): string => `
  server services = ldap
  dcerpc endpoint servers =
  interfaces = ${ADDRESS}/32
  bind interfaces only = yes
  tls enabled = yes
  tls keyfile = ${folder}/server.key
  tls certfile = ${folder}/server.pem
  tls cafile = ${folder}/ca.pem
  pid directory = ${folder}/run
  ncalrpc dir = ${folder}/run/ncalrpc
  disable netbios = yes
  ldb:nosync = true
`;

/** A real Active Directory domain controller of Samba, on an address of loopback, serving LDAP alone. */
export const startSamba = async (): Promise<Samba> => {
  const folder = mkdtempSync(join(tmpdir(), 'portreeve-samba-'));
  mkdirSync(join(folder, 'run'));
  execFileSync(
    'samba-tool',
    [
      ...['domain', 'provision', '--configfile=/dev/null', `--targetdir=${folder}`, `--realm=${REALM}`],
      ...['--domain=SHOP', '--server-role=dc', '--host-name=dc1', `--host-ip=${ADDRESS}`],
      ...['--dns-backend=SAMBA_INTERNAL', `--adminpass=${AD_PASSWORD}`],
      `--option=posix:eadb=${folder}/private/eadb.tdb`,
      '--option=vfs objects=dfs_samba4 acl_xattr xattr_tdb',
    ],
    { stdio: 'pipe' },
  );
  const ca = await makeCa('0190cccc-0000-7000-8000-000000000000');
  const server = await makeServerCertificate(ca, ['dc1.shop.example', 'shop.example', ADDRESS]);
  writeFileSync(join(folder, 'ca.pem'), ca.certificatePem);
  writeFileSync(join(folder, 'server.pem'), server.certificatePem);
  writeFileSync(join(folder, 'server.key'), server.keyPem, { mode: 0o600 });
  const config = join(folder, 'etc/smb.conf');
  const provisioned = readFileSync(config, 'utf8');
  writeFileSync(config, provisioned.replace('[global]', `[global]${SETTINGS(folder)}`));
  address('add');
  const child = spawn(
    'samba',
    ['-s', config, '-F', '--no-process-group', '-M', 'standard', '--debug-stdout'],
    // A group of its own: it makes a process for each connection, and none may outlive it.
    { stdio: 'ignore', detached: true },
  );
  const kill = () => {
    if (child.pid && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    address('del');
  };
  process.once('exit', kill);
  const begun = Date.now();
  while (!(await answers(636)) || !(await answers(389))) {
    if (child.exitCode !== null || Date.now() - begun > 30_000) {
      kill();
      throw new Error('samba does not start');
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const url = `ldaps://${ADDRESS}`;
  const administrator = `CN=Administrator,CN=Users,${AD_BASE}`;
  return {
    ...{ url, plainUrl: `ldap://${ADDRESS}`, caPem: ca.certificatePem, administrator },
    root: async () => {
      const client = new Client({ url, tlsOptions: { ca: ca.certificatePem } });
      await client.bind(administrator, AD_PASSWORD);
      return client;
    },
    offline: (ldif) => {
      execFileSync(
        'ldbmodify',
        ['--controls=local_oid:1.3.6.1.4.1.7165.4.3.12:0', '-H', join(folder, 'private/sam.ldb')],
        { input: ldif, stdio: 'pipe' },
      );
    },
    end: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      kill();
      await ended;
      process.removeListener('exit', kill);
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
