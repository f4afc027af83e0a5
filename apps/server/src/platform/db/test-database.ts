import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { createDatabase, type Database } from './database.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Connection strings of the run's scratch server; `application` and `owner` name the template database. */
    scratchServer: { superuser: string; owner: string; application: string };
  }
}

export type TestDatabase = {
  database: Database;
  /** As the application role, as the server has it. */
  url: string;
  ownerUrl: string;
  drop(): Promise<void>;
};

const named = (url: string, database: string): string => {
  const copy = new URL(url);
  copy.pathname = `/${database}`;
  return copy.toString();
};

const onServer = async (statement: string): Promise<void> => {
  const client = new pg.Client({ connectionString: inject('scratchServer').superuser });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
};

/** A migrated, empty database of its own on the scratch server of this test run. */
export const createTestDatabase = async (): Promise<TestDatabase> => {
  const servers = inject('scratchServer');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(`CREATE DATABASE ${name} TEMPLATE portreeve OWNER portreeve_owner`);
  const url = named(servers.application, name);
  const database = createDatabase(url);
  return {
    database,
    url,
    ownerUrl: named(servers.owner, name),
    drop: async () => {
      await database.close();
      await onServer(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
};
