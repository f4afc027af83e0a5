import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DomainError } from '@portreeve/domain';
import pg from 'pg';
import { connectProblem } from './errors.ts';

const PRISMA = fileURLToPath(new URL('../../../../../prisma/', import.meta.url));
/** Any number, the same in every version: two migrations at once wait for each other. */
const MIGRATION_LOCK = 7_400_001;

const migrationNames = (): string[] =>
  readdirSync(`${PRISMA}migrations`)
    .filter((name) => /^\d{4}_/.test(name))
    .sort();

/** Migrations that the database has and this code does not know, and the other way round. */
const compareSchema = async (
  client: Pick<pg.Client, 'query'>,
): Promise<{ missing: string[]; unknown: string[] }> => {
  const known = migrationNames();
  const table = await client.query(`SELECT to_regclass('public."_prisma_migrations"') AS present`);
  if (!table.rows[0]?.present) return { missing: known, unknown: [] };
  const { rows } = await client.query<{ migration_name: string }>(
    'SELECT migration_name FROM "_prisma_migrations" WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
  );
  const applied = rows.map((row) => row.migration_name);
  return {
    missing: known.filter((name) => !applied.includes(name)),
    unknown: applied.filter((name) => !known.includes(name)),
  };
};

/** Refuses a database that a newer version of Portreeve has changed, or that was not migrated yet. */
export const assertMigrated = async (url: string): Promise<void> => {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    // One that falls silent now must not keep the start waiting for ever.
    query_timeout: 10_000,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const { missing, unknown } = await compareSchema(client);
    if (unknown.length > 0) throw newerSchema(unknown);
    if (missing.length > 0)
      throw new DomainError('database.unavailable', `The database lacks the migration ${missing[0]}.`, {
        hint: 'Start with DATABASE_OWNER_URL set, so that the migration can run.',
      });
  } catch (error) {
    throw connectProblem(error, url) ?? error;
  } finally {
    await client.end().catch(() => {});
  }
};

const newerSchema = (unknown: string[]) =>
  new DomainError(
    'database.unavailable',
    `The database was changed by a newer version of Portreeve (${unknown.at(-1)}), which this version would damage.`,
    { hint: 'Start that newer version, or restore a backup made by this one.' },
  );

/** The application role may do everything to rows but change what is only ever added, and nothing to tables. */
const grantSql = (role: string): string => `
  GRANT USAGE ON SCHEMA public TO ${role};
  GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role};
  REVOKE UPDATE, DELETE, TRUNCATE ON "AuditEntry", "AuditSeal" FROM ${role};
  REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON "_prisma_migrations" FROM ${role};`;

const applyAll = async (ownerUrl: string): Promise<string[]> => {
  // Loaded where there is something to do: a start that migrates nothing should not pay for it.
  const { withSchemaEngine } = await import('./schema-engine.ts');
  const schema = readFileSync(`${PRISMA}schema.prisma`, 'utf8');
  const { appliedMigrationNames } = await withSchemaEngine(ownerUrl, [['schema.prisma', schema]], (engine) =>
    engine.applyMigrations({
      migrationsList: {
        baseDir: `${PRISMA}migrations`,
        lockfile: {
          path: 'migration_lock.toml',
          content: readFileSync(`${PRISMA}migrations/migration_lock.toml`, 'utf8'),
        },
        shadowDbInitScript: '',
        migrationDirectories: migrationNames().map((path) => ({
          path,
          migrationFile: {
            path: 'migration.sql',
            content: { tag: 'ok', value: readFileSync(`${PRISMA}migrations/${path}/migration.sql`, 'utf8') },
          },
        })),
      },
      filters: { externalTables: [], externalEnums: [] },
    }),
  );
  return appliedMigrationNames;
};

/**
 * Brings a database up to this code's schema with the owner's rights, and gives the application role its own.
 * Running it again changes nothing. Returns the names of what was applied.
 */
export const migrate = async (ownerUrl: string, applicationUrl: string): Promise<string[]> => {
  const client = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: 10_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const { missing, unknown } = await compareSchema(client);
    if (unknown.length > 0) throw newerSchema(unknown);
    const applied = missing.length > 0 ? await applyAll(ownerUrl) : [];
    const role = decodeURIComponent(new URL(applicationUrl).username);
    if (role !== decodeURIComponent(new URL(ownerUrl).username))
      await client.query(grantSql(pg.escapeIdentifier(role)));
    return applied;
  } catch (error) {
    throw connectProblem(error, ownerUrl) ?? error;
  } finally {
    await client.end().catch(() => {});
  }
};
