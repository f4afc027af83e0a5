import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DomainError } from '@portreeve/domain';
import { recordAudit } from '../audit/audit.store.ts';
import { verifyOnHost } from '../audit/verify-on-host.ts';
import { type Env, readEnv } from '../env.ts';
import { endSessions } from '../identity/sessions.store.ts';
import { countTokensOfUser, revokeTokensOfUser } from '../identity/tokens.store.ts';
import { createAdministrator, findUser, resetPassword } from '../identity/users.store.ts';
import { createDatabase, type Database } from '../platform/db/database.ts';
import { embeddedUrl, startEmbedded } from '../platform/db/embedded.ts';
import { systemContext } from '../platform/http/context.ts';
import { runningSupervisor } from './data-folder.ts';
import { say } from './say.ts';

const USAGE = `node scripts/admin.mjs <command>
  reset-password [name]   a new one-time password for an account (admin); its sessions end, its tokens stay
  recovery-administrator [name]   makes a local administrator (recovery), who holds everything whatever grants say
  verify-audit [file …]   checks the chain of the audit and its archives, those of the data folder and those named
options: --revoke-tokens, --checkpoint <number:hash>, --data <folder>`;

/** With the database that the server uses: the running one, or the embedded one started for this moment. */
const withDatabase = async (
  env: Env,
  folder: string,
  work: (database: Database) => Promise<void>,
): Promise<void> => {
  const embedded = join(folder, 'postgresql');
  if (!env.DATABASE_URL && !existsSync(embedded))
    throw new DomainError('not-found', `There is no Portreeve in ${folder}.`, {
      hint: 'Name its folder with --data.',
    });
  const ours =
    !env.DATABASE_URL && !runningSupervisor(folder) ? await startEmbedded({ folder: embedded }) : undefined;
  const database = createDatabase(env.DATABASE_URL ?? embeddedUrl(embedded));
  try {
    await work(database);
  } finally {
    await database.close();
    await ours?.stop();
  }
};

const tokensInWords = (count: number, name: string): string =>
  `${count} ${count === 1 ? 'token' : 'tokens'} of ${name} ${count === 1 ? 'stands' : 'stand'}: if somebody else may have one, run this again with --revoke-tokens.`;

const reset = (name: string, revokeTokens: boolean) => async (database: Database) => {
  const user = await findUser(database, name);
  if (!user)
    throw new DomainError('not-found', `There is no account "${name}".`, {
      hint: 'The first one is called admin.',
    });
  if (user.directoryId !== null)
    throw new DomainError('conflict.state', `${name} signs in through a directory, which has the password.`, {
      hint: '"recovery-administrator" makes a local account that needs no directory.',
    });
  const now = new Date();
  const { password, left } = await database.transaction(async (tx) => {
    await endSessions(tx, user.id, {}, now);
    const revoked = revokeTokens ? await revokeTokensOfUser(tx, user.id, now) : [];
    await recordAudit(tx, systemContext('command on the host'), {
      action: 'session.reset-password',
      object: { kind: 'user', id: user.id, name },
      detail: { revokedTokens: revoked },
    });
    await database.announce(tx, 'session', [user.id]);
    if (revoked.length > 0) await database.announce(tx, 'token', revoked);
    return {
      password: await resetPassword(tx, name),
      left: await countTokensOfUser(tx, user.id, now),
    };
  });
  say(`New one-time password of ${name}: ${password}`);
  if (left > 0) say(tokensInWords(left, name));
};

/** For when nobody who may is left, or the directory lets nobody in. */
const makeAdministrator = (name: string) => async (database: Database) => {
  const password = await database.transaction(async (tx) => {
    const made = await createAdministrator(tx, name);
    await recordAudit(tx, systemContext('command on the host'), {
      action: 'session.recovery-administrator',
      object: { kind: 'user', id: made.id, name },
    });
    await database.announce(tx, 'user', [made.id]);
    return made.password;
  });
  say(`One-time password of ${name}, who is an administrator: ${password}`);
};

const works = (command: string | undefined, name: string | undefined, revokeTokens: boolean) => {
  if (command === 'reset-password') return reset(name ?? 'admin', revokeTokens);
  if (command === 'recovery-administrator') return makeAdministrator(name ?? 'recovery');
  throw new DomainError('request.invalid', USAGE);
};

try {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      data: { type: 'string' },
      'revoke-tokens': { type: 'boolean', default: false },
      checkpoint: { type: 'string' },
    },
  });
  const env = readEnv();
  const folder = resolve(values.data ?? env.PORTREEVE_DATA);
  const work =
    positionals[0] === 'verify-audit'
      ? verifyOnHost(folder, positionals.slice(1), values.checkpoint)
      : works(positionals[0], positionals[1], values['revoke-tokens']);
  await withDatabase(env, folder, work);
} catch (error) {
  const hint = error instanceof DomainError && error.hint ? ` ${error.hint}` : '';
  process.stderr.write(`${error instanceof Error ? error.message : error}${hint}\n`);
  process.exit(1);
}
