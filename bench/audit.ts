import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { recordAudit } from '../apps/server/src/audit/audit.store.ts';
import { pageOfAudit } from '../apps/server/src/audit/audit-pages.store.ts';
import { lastSeal, sealBatch } from '../apps/server/src/audit/seal.store.ts';
import { linksFrom, strayEntry } from '../apps/server/src/audit/verify.store.ts';
import { createDatabase } from '../apps/server/src/platform/db/database.ts';
import { migrate } from '../apps/server/src/platform/db/migrate.ts';
import { startScratch } from '../apps/server/src/platform/db/scratch.ts';
import { systemContext } from '../apps/server/src/platform/http/context.ts';
import { publishResults } from './report/publish.ts';
import { figures, type Row } from './report/results.ts';

/**
 * A year of the audit with ten million entries, made by SQL (its seals link nothing: they are there to be joined);
 * then pages of it, and writing and sealing on top, by the server's own code as the application's role. The database
 * is a scratch one, which does not wait for its disk: rates of writing are what the code and the indexes cost.
 */

const ENTRIES = Number(process.argv[2] ?? 10_000_000);
const MONTHS = 12;
const RUNS = 7;
const WRITTEN = 2_000;

const server = await startScratch({
  shared_buffers: '1GB',
  maintenance_work_mem: '512MB',
  max_wal_size: '8GB',
});
await migrate(server.url('owner'), server.url('application'));
const owner = new pg.Client({ connectionString: server.url('owner') });
await owner.connect();
const began = performance.now();
const say = (text: string): void =>
  console.log(`${text} (${Math.round((performance.now() - began) / 1_000)} s from the start)`);

await owner.query(`SELECT "audit_make_month"((date_trunc('month', now()) - make_interval(months => m))::date)
  FROM generate_series(0, ${MONTHS}) m`);
const { rows: indexes } = await owner.query<{ name: string; definition: string }>(
  `SELECT indexname AS name, indexdef AS definition FROM pg_indexes
   WHERE tablename = 'AuditEntry' AND indexname <> 'AuditEntry_pkey'`,
);
for (const { name } of indexes) await owner.query(`DROP INDEX "${name}"`);
await owner.query(
  `INSERT INTO "AuditEntry" (id, at, "actorKind", "actorName", via, address, action, "objectKind", "objectId", "objectName",
     "projectPath", outcome, detail)
   SELECT gen_random_uuid(), now() - interval '1 hour' - (interval '1 year' - interval '2 hours') * (1 - n / $1::float8),
     'user', 'person-' || n % 2000, 'browser', '10.' || n % 20 || '.' || n % 250 || '.7',
     (ARRAY['stack.apply','service.scale','service.roll','session.sign-in','terminal.open','node.drain','config.change'])[1 + n % 7],
     'service', 'o' || n % 50000, 'shop' || n % 500 || '/web' || n % 5000, '/team' || n % 500,
     CASE WHEN n % 100 = 0 THEN 'refused' ELSE 'done' END, '{"rollout": 7, "cause": "apply"}'
   FROM generate_series(1, $1::int) n`,
  [ENTRIES],
);
say(`${ENTRIES} entries are there`);
await owner.query(
  `ALTER TABLE "AuditSeal" DROP CONSTRAINT "AuditSeal_pkey"; DROP INDEX "AuditSeal_entryId_key"`,
);
await owner.query(
  `INSERT INTO "AuditSeal" (sequence, "entryId", "entryAt", "previousHash", hash, "sealedAt")
   SELECT row_number() OVER (ORDER BY at), id, at, repeat('a', 64), repeat('b', 64), at FROM "AuditEntry"`,
);
await owner.query(`ALTER TABLE "AuditSeal" ADD PRIMARY KEY (sequence);
  CREATE UNIQUE INDEX "AuditSeal_entryId_key" ON "AuditSeal" ("entryId")`);
say('so are their seals');
for (const { definition } of indexes) await owner.query(definition.replace(' ON ONLY ', ' ON '));
await owner.query('VACUUM ANALYZE "AuditEntry"');
await owner.query('VACUUM ANALYZE "AuditSeal"');
say('and the indexes');

const database = createDatabase(server.url('application'));
const { prisma } = database;
const rows: Row[] = [];
const measure = async (name: string, work: () => Promise<unknown>, runs = RUNS): Promise<void> => {
  const took: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const before = performance.now();
    await work();
    took.push(Math.round((performance.now() - before) * 100) / 100);
  }
  const ours = figures(took);
  console.log(`${name.padEnd(80)} ${ours.min} / ${ours.median} / ${ours.max} ms`);
  rows.push({ name: `${ENTRIES} entries: ${name}`, unit: 'ms', ours });
};
const scope = ['/'];
const page = (more: object) => () => pageOfAudit(prisma, { scope, limit: 50, ...more });
const halfAYearAgo = new Date(Date.now() - 182 * 86_400_000).toISOString();
await measure('the newest page', page({}));
await measure('a page from half a year ago', page({ until: halfAYearAgo }));
await measure('of one person among 2,000', page({ actor: 'person-77' }));
await measure('of one action', page({ action: 'node.drain' }));
await measure('of a noun', page({ action: 'node' }));
await measure('refused ones', page({ outcome: 'refused' }));
await measure('of one object among 50,000', page({ object: 'o4711' }));
await measure('of one project among 500, by who may see no other', page({ scope: ['/team7'] }));
await measure('two words, one rare', page({ search: 'web4711 scale' }));
await measure('a word that is nowhere', page({ search: 'nothing-like-it' }));
await measure('a person and an action that never met', page({ actor: 'person-77', action: 'nothing.done' }));

const ctx = systemContext('bench');
const write = () =>
  database.transaction((tx) => recordAudit(tx, ctx, { action: 'bench.write', detail: { id: randomUUID() } }));
await measure(
  `${WRITTEN} entries written, each in a transaction, one after the other`,
  async () => {
    for (let n = 0; n < WRITTEN; n += 1) await write();
  },
  1,
);
await measure(
  `${WRITTEN} entries written, 16 at a time`,
  async () => {
    const worker = async () => {
      for (let n = 0; n < WRITTEN / 16; n += 1) await write();
    };
    await Promise.all(Array.from({ length: 16 }, worker));
  },
  1,
);
await measure(
  `${2 * WRITTEN} entries sealed`,
  async () => {
    while ((await sealBatch(database)) > 0);
  },
  1,
);
const last = (await lastSeal(prisma))?.sequence ?? 0n;
await measure('1,000 seals read with their entries, as the check does', () =>
  linksFrom(prisma, last / 2n, 1_000),
);
await measure('the look for an entry without a seal, in a year', () => strayEntry(prisma, new Date()), 1);

await database.close();
await owner.end();
await server.stop();
publishResults('audit', rows);
