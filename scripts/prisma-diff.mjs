// Writes a migration from the schema. `prisma-diff.mjs init` makes the first one anew from nothing;
// `prisma-diff.mjs <name>` makes one from the committed schema to the one in the work tree.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { withSchemaEngine } from '../apps/server/src/platform/db/schema-engine.ts';
import { startScratch } from '../apps/server/src/platform/db/scratch.ts';

const SCHEMA = 'prisma/schema.prisma';
const MIGRATIONS = 'prisma/migrations';

const name = process.argv[2];
if (!name || !/^[a-z0-9_]+$/.test(name)) {
  console.error('Give the migration a name in lower case: npm run db:diff -- add_color');
  process.exit(2);
}

const models = (content) => ({ tag: 'schemaDatamodel', files: [{ path: SCHEMA, content }] });
const target = readFileSync(SCHEMA, 'utf8');
const from =
  name === 'init'
    ? { tag: 'empty' }
    : models(execFileSync('git', ['show', `HEAD:${SCHEMA}`], { encoding: 'utf8' }));

// The engine insists on a server, though nothing here is asked of it.
const scratch = await startScratch();
const { stdout } = await withSchemaEngine(scratch.url('owner'), [[SCHEMA, target]], (engine) =>
  engine.diff({
    from,
    to: models(target),
    script: true,
    exitCode: null,
    shadowDatabaseUrl: null,
    filters: { externalTables: [], externalEnums: [] },
  }),
);
await scratch.stop();
if (!stdout.trim() || /empty migration/.test(stdout)) {
  console.log('The schema is unchanged: no migration was written.');
  process.exit(0);
}
const present = existsSync(MIGRATIONS)
  ? readdirSync(MIGRATIONS).filter((entry) => /^\d{4}_/.test(entry))
  : [];
const number = name === 'init' ? 1 : Math.max(0, ...present.map((entry) => Number(entry.slice(0, 4)))) + 1;
const folder = `${MIGRATIONS}/${String(number).padStart(4, '0')}_${name}`;
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}/migration.sql`, stdout);
console.log(`${folder}/migration.sql`);
