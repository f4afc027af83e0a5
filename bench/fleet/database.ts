import { join } from 'node:path';
import pg from 'pg';
import { embeddedUrl } from '../../apps/server/src/platform/db/embedded.ts';

/** What the database was given to write in a stretch of time, per second. */
export type Writes = { commits: number; rows: number; walKiB: number };

type Counters = { commits: number; rows: number; wal: number };

const COUNTERS = `SELECT d.xact_commit::float8 AS commits,
  (d.tup_inserted + d.tup_updated + d.tup_deleted)::float8 AS rows, w.wal_bytes::float8 AS wal
  FROM pg_stat_database d, pg_stat_wal w WHERE d.datname = 'portreeve'`;

const ROWS = `SELECT (SELECT count(*) FROM "Node" WHERE state = 'ready')::int AS nodes,
  (SELECT count(*) FROM "Node" WHERE state = 'lost')::int AS lost,
  (SELECT count(*) FROM "Task" t JOIN "Node" n ON n.id = t."nodeId"
    WHERE t.ready AND t.desired = 'running' AND n.state = 'ready')::int AS ready`;

/** Looks at the product's own database beside it, so that looking costs the server nothing. */
export const openDatabase = async (data: string) => {
  const client = new pg.Client({ connectionString: embeddedUrl(join(data, 'postgresql'), 'superuser') });
  await client.connect();
  const counters = async (): Promise<Counters> =>
    (await client.query<Counters>(COUNTERS)).rows[0] as Counters;
  return {
    /** Nodes in use, nodes lost, and ready tasks on nodes in use. */
    seen: async () =>
      (await client.query<{ nodes: number; lost: number; ready: number }>(ROWS)).rows[0] ?? {
        nodes: 0,
        lost: 0,
        ready: 0,
      },
    startWriteMeter: async () => {
      const before = await counters();
      const began = performance.now();
      return async (): Promise<Writes> => {
        const now = await counters();
        const seconds = (performance.now() - began) / 1_000;
        return {
          // One of them is this look itself.
          commits: Math.max(0, now.commits - before.commits - 1) / seconds,
          rows: (now.rows - before.rows) / seconds,
          walKiB: (now.wal - before.wal) / 1_024 / seconds,
        };
      };
    },
    close: () => client.end(),
  };
};
