import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DomainError } from '@portreeve/domain';
import pg from 'pg';
import { v7 as uuid } from 'uuid';
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

/** On a connection of its own; says in a sentence why there is none. */
const connected = async <T>(
  url: string,
  work: (client: pg.Client) => Promise<T>,
  more: pg.ClientConfig = {},
): Promise<T> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000, ...more });
  client.on('error', () => {});
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    throw connectProblem(error, url) ?? error;
  } finally {
    await client.end().catch(() => {});
  }
};

/** Refuses a database that a newer version of Portreeve has changed, or that was not migrated yet. */
export const assertMigrated = (url: string, hasOwner = false): Promise<void> =>
  connected(
    url,
    async (client) => {
      const { missing, unknown } = await compareSchema(client);
      if (unknown.length > 0) throw newerSchema(unknown);
      if (missing.length === 0) return;
      throw new DomainError('database.unavailable', `The database lacks the migration ${missing[0]}.`, {
        hint: hasOwner
          ? 'DATABASE_URL and DATABASE_OWNER_URL lead to two databases: let both name the same one.'
          : 'Start with DATABASE_OWNER_URL set, so that the migration can run.',
      });
    },
    // One that falls silent now must not keep the start waiting for ever.
    { query_timeout: 10_000 },
  );

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
  REVOKE UPDATE, DELETE, TRUNCATE ON "AuditEntry", "AuditSeal", "TerminalRecording", "RecordingChunk" FROM ${role};
  REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON "AuditArchive" FROM ${role};
  GRANT EXECUTE ON FUNCTION "audit_make_partitions"(), "audit_forget"(integer),
    "audit_archive"(date, text, text, text, bigint, bigint, bigint, text) TO ${role};
  DO $do$ DECLARE part regclass; BEGIN
    FOR part IN SELECT inhrelid FROM pg_inherits WHERE inhparent = '"AuditEntry"'::regclass LOOP
      EXECUTE format('REVOKE ALL ON %s FROM %s', part, ${pg.escapeLiteral(role)});
    END LOOP;
  END $do$;
  REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON "_prisma_migrations" FROM ${role};`;

/** Prisma's own, so that its tools read it. */
const NOTES = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`;

/**
 * A migration and its note in one transaction: a start that ends in the middle leaves neither, and the next one begins
 * it anew. Prisma's own engine notes the beginning first, and refuses for ever what it finds begun.
 */
const apply = async (client: pg.Client, name: string): Promise<void> => {
  const script = readFileSync(`${PRISMA}migrations/${name}/migration.sql`, 'utf8');
  await client.query('BEGIN');
  await client.query(script);
  await client.query('DELETE FROM "_prisma_migrations" WHERE migration_name = $1 AND finished_at IS NULL', [
    name,
  ]);
  await client.query(
    `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, finished_at, applied_steps_count)
     VALUES ($1, $2, $3, clock_timestamp(), 1)`,
    [uuid(), createHash('sha256').update(script).digest('hex'), name],
  );
  await client.query('COMMIT');
};

type Holder = { client_addr: string | null; backend_start: Date | null };

/** One migrates, the others wait for it; they say so, since it may be long or hang. */
const takeTurn = async (client: pg.Client, say: (text: string) => void): Promise<void> => {
  const { rows } = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_lock($1) AS mine', [
    MIGRATION_LOCK,
  ]);
  if (rows[0]?.mine) return;
  const holders = await client.query<Holder>(
    `SELECT a.client_addr, a.backend_start FROM pg_locks l JOIN pg_stat_activity a USING (pid)
     WHERE l.locktype = 'advisory' AND l.classid = 0 AND l.objid = $1 AND l.granted
       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [MIGRATION_LOCK],
  );
  const [holder] = holders.rows;
  const from = holder?.client_addr ? ` from ${holder.client_addr}` : '';
  // Other roles' sessions are shown without their times to whoever may not see them.
  const since = holder?.backend_start ? `, connected${from} since ${holder.backend_start.toISOString()}` : '';
  say(`Another start of Portreeve migrates this database${since}: waiting for it.`);
  await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
};

/** Asked of the database: a connection string need not name its role, and may name one that is not let in. */
const roleOf = (url: string): Promise<string> =>
  connected(url, async (client) => {
    const { rows } = await client.query<{ role: string }>('SELECT current_user AS role');
    return rows[0]?.role ?? '';
  });

/**
 * Brings a database up to this code's schema with the owner's rights, and gives the application role its own.
 * Running it again changes nothing. Returns the names of what was applied.
 */
export const migrate = async (
  ownerUrl: string,
  applicationUrl: string,
  say: (text: string) => void = () => {},
): Promise<string[]> => {
  // First, so that nothing is changed for a server that could not start then.
  const application = await roleOf(applicationUrl);
  return connected(ownerUrl, async (client) => {
    await takeTurn(client, say);
    const { missing, unknown } = await compareSchema(client);
    if (unknown.length > 0) throw newerSchema(unknown);
    if (missing.length > 0) await client.query(NOTES);
    for (const name of missing) await apply(client, name);
    // After a long rest the months that were made ahead are over, and what the start does is audited.
    await client.query('SELECT "audit_make_partitions"()');
    const { rows } = await client.query<{ role: string }>('SELECT current_user AS role');
    if (application !== rows[0]?.role) await client.query(grantSql(pg.escapeIdentifier(application)));
    return missing;
  });
};

/** Whether this role could change what is only ever added: then nothing but the code keeps the audit as it is. */
export const couldChangeAudit = (url: string): Promise<boolean> =>
  connected(url, async (client) => {
    const { rows } = await client.query<{ could: boolean }>(
      `SELECT has_table_privilege('"AuditEntry"', 'UPDATE, DELETE') AS could`,
    );
    return rows[0]?.could ?? false;
  });
