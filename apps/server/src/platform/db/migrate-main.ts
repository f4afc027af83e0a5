import { DomainError } from '@portreeve/domain';
import { readEnv } from '../../env.ts';
import { assertMigrated, couldChangeAudit, migrate } from './migrate.ts';

/** Whoever started us passes it on to a person. */
const say = (text: string): void => void process.stdout.write(`${text}\n`);

try {
  // The only process that is given the owner's connection string.
  const { DATABASE_URL: application, DATABASE_OWNER_URL: owner } = readEnv();
  if (!application) throw new DomainError('request.invalid', 'DATABASE_URL is missing.');
  const applied = owner ? await migrate(owner, application, say) : [];
  if (applied.length > 0) say(`The database is migrated to ${applied.at(-1)}.`);
  await assertMigrated(application, owner !== undefined);
  if (await couldChangeAudit(application))
    say(
      "The role of DATABASE_URL may change the audit of what was done. Give the server a role that owns nothing, and the owner's connection string in DATABASE_OWNER_URL.",
    );
} catch (error) {
  const hint = error instanceof DomainError && error.hint ? ` ${error.hint}` : '';
  process.stderr.write(`${error instanceof Error ? error.message : error}${hint}\n`);
  process.exit(1);
}
