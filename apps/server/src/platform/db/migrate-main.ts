import { DomainError } from '@portreeve/domain';
import { readEnv } from '../../env.ts';
import { assertMigrated, migrate } from './migrate.ts';

// The only process that is given the owner's connection string.
const { DATABASE_URL: application, DATABASE_OWNER_URL: owner } = readEnv();
try {
  if (!application) throw new DomainError('request.invalid', 'DATABASE_URL is missing.');
  if (owner) {
    const applied = await migrate(owner, application);
    if (applied.length > 0) process.stdout.write(`migrated: ${applied.join(', ')}\n`);
  }
  await assertMigrated(application);
} catch (error) {
  const hint = error instanceof DomainError && error.hint ? ` ${error.hint}` : '';
  process.stderr.write(`${error instanceof Error ? error.message : error}${hint}\n`);
  process.exit(1);
}
