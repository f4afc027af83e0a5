import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { assertMigrated, couldChangeAudit, migrate } from './migrate.ts';
import { withSchemaEngine } from './schema-engine.ts';

const MAIN = fileURLToPath(new URL('./migrate-main.ts', import.meta.url));
const MIGRATIONS = fileURLToPath(new URL('../../../../../prisma/migrations', import.meta.url));
/** Any number that nothing else locks. */
const HELD = 4_711;
let names = 0;

/** An empty database, as an external one is at the first start. */
describe('a migration', () => {
  let name: string;
  let clients: pg.Client[];
  const at = (url: string): string => Object.assign(new URL(url), { pathname: `/${name}` }).href;
  const url = {
    owner: () => at(inject('scratchServer').owner),
    application: () => at(inject('scratchServer').application),
    superuser: () => at(inject('scratchServer').superuser),
  };
  const connect = async (to: string): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: to });
    client.on('error', () => {});
    await client.connect();
    clients.push(client);
    return client;
  };
  const onServer = async (statement: string): Promise<void> => {
    const client = new pg.Client({ connectionString: inject('scratchServer').superuser });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  beforeEach(async () => {
    clients = [];
    names += 1;
    name = `migrate_${process.pid}_${names}`;
    await onServer(`CREATE DATABASE ${name} OWNER portreeve_owner`);
  });
  afterEach(async () => {
    for (const client of clients) await client.end();
    await onServer(`DROP DATABASE ${name} WITH (FORCE)`);
  });

  it('that was killed in the middle is begun anew by the next start, and Prisma finds all in order', async () => {
    const superuser = await connect(url.superuser());
    await superuser.query(`CREATE FUNCTION hold() RETURNS event_trigger LANGUAGE plpgsql AS
      'BEGIN IF current_query() LIKE ''%"Session"%'' THEN PERFORM pg_advisory_xact_lock(${HELD}); END IF; END'`);
    await superuser.query('CREATE EVENT TRIGGER hold ON ddl_command_start EXECUTE FUNCTION hold()');
    await superuser.query('SELECT pg_advisory_lock($1)', [HELD]);
    const env = { ...process.env, DATABASE_URL: url.application(), DATABASE_OWNER_URL: url.owner() };
    const child = spawn(process.execPath, [MAIN], { env, stdio: 'ignore' });
    const waits = async () =>
      (
        await superuser.query(
          "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND NOT granted",
          [HELD],
        )
      ).rowCount;
    await expect.poll(waits).toBe(1);
    child.kill('SIGKILL');
    await once(child, 'close');
    await superuser.query('SELECT pg_advisory_unlock($1)', [HELD]);
    await superuser.query('DROP EVENT TRIGGER hold');

    const applied = await migrate(url.owner(), url.application());
    expect(applied[0]).toBe('0001_init');
    await expect(assertMigrated(url.application())).resolves.toBeUndefined();
    const read = (path: string) => readFileSync(`${MIGRATIONS}/${path}`, 'utf8');
    const history = await withSchemaEngine(
      url.owner(),
      [['schema.prisma', read('../schema.prisma')]],
      (engine) =>
        engine.applyMigrations({
          migrationsList: {
            baseDir: MIGRATIONS,
            lockfile: { path: 'migration_lock.toml', content: read('migration_lock.toml') },
            shadowDbInitScript: '',
            migrationDirectories: applied.map((path) => ({
              path,
              migrationFile: {
                path: 'migration.sql',
                content: { tag: 'ok', value: read(`${path}/migration.sql`) },
              },
            })),
          },
          filters: { externalTables: [], externalEnums: [] },
        }),
    );
    expect(history).toEqual({ appliedMigrationNames: [] });
  });

  it('takes up what an older version had left begun', async () => {
    const owner = await connect(url.owner());
    await migrate(url.owner(), url.application());
    await owner.query('DROP SCHEMA public CASCADE');
    await owner.query('CREATE SCHEMA public');
    await owner.query(
      `CREATE TABLE "_prisma_migrations" (id VARCHAR(36) PRIMARY KEY, checksum VARCHAR(64) NOT NULL,
        finished_at TIMESTAMPTZ, migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
        started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`,
    );
    await owner.query(
      `INSERT INTO "_prisma_migrations" (id, checksum, migration_name) VALUES ('x', 'x', '0001_init')`,
    );
    await migrate(url.owner(), url.application());
    const { rows } = await owner.query('SELECT 1 FROM "_prisma_migrations" WHERE finished_at IS NULL');
    expect(rows).toEqual([]);
  });

  it('that has to wait for another says so, and goes on when it may', async () => {
    const other = await connect(url.owner());
    await other.query('SELECT pg_advisory_lock(7400001)');
    const said: string[] = [];
    const migrated = migrate(url.owner(), url.application(), (text) => said.push(text));
    await expect
      .poll(() => said)
      .toEqual([
        expect.stringMatching(
          /^Another start of Portreeve migrates this database, connected from 127\.0\.0\.1 since .+: waiting for it\.$/,
        ),
      ]);
    await other.end();
    expect(await migrated).toContain('0001_init');
  });

  it('changes nothing where the role of the server is not let in, or the owner’s is not the owner', async () => {
    const stranger = Object.assign(new URL(url.application()), { username: 'nobody_here' }).href;
    await expect(migrate(url.owner(), stranger)).rejects.toThrow(/does not let nobody_here in/);
    const owner = await connect(url.owner());
    const { rows } = await owner.query(`SELECT to_regclass('"_prisma_migrations"') AS present`);
    expect(rows).toEqual([{ present: null }]);
    await expect(migrate(url.application(), url.application())).rejects.toMatchObject({
      message: expect.stringContaining('The role portreeve_app lacks a right in the database'),
      hint: expect.stringContaining('DATABASE_OWNER_URL'),
    });
  });

  it('of another database than the server’s is found', async () => {
    await expect(assertMigrated(url.application(), true)).rejects.toMatchObject({
      hint: expect.stringContaining('lead to two databases'),
    });
  });

  it('tells a server that may change the audit from one that may not', async () => {
    await migrate(url.owner(), url.application());
    expect(await couldChangeAudit(url.application())).toBe(false);
    expect(await couldChangeAudit(url.owner())).toBe(true);
  });
});
