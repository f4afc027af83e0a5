import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answerTo } from '../apps/server/src/access/authorize.ts';
import { readRights } from '../apps/server/src/access/rights.store.ts';
import type { Subject } from '../apps/server/src/access/subject.ts';
import { createServer } from '../apps/server/src/app.ts';
import { migrate } from '../apps/server/src/platform/db/migrate.ts';
import { startScratch } from '../apps/server/src/platform/db/scratch.ts';
import { PERMISSIONS, type Permission } from '../packages/domain/src/index.ts';
import { publishResults } from './report/publish.ts';
import { figures } from './report/results.ts';
import { seedPeople, seedServices } from './sides/people.ts';

/**
 * What it costs to know who may do what: one decision, and the one query behind those of a request, at 5,000 people in
 * 300 teams with 2,000 grants in 500 projects; and a list of 10,000 services, filtered for somebody who sees
 * them by a grant in each tree of projects, beside the same list for who sees everything at the root. A real server and PostgreSQL, on one machine.
 */

const RUNS = 7;
const DECISIONS = 100_000;
const LISTS = 15;

const database = await startScratch();
await migrate(database.url('owner'), database.url('application'));
const folder = mkdtempSync(join(tmpdir(), 'portreeve-bench-access-'));
const server = await createServer({
  databaseUrl: database.url('application'),
  ...{ keyFile: join(folder, 'cluster.key'), dataFolder: folder, clusterName: 'bench' },
  console: { host: '127.0.0.1', port: 0, names: [], tls: 'none' },
  agents: { host: '127.0.0.1', port: 0, addresses: [] },
  ...{ web: 'none', logLevel: 'fatal' },
  onFirstPassword: () => undefined,
});
const { prisma } = server.platform.database;
const seeded = await seedPeople(prisma);
await seedServices(prisma, seeded.projectIds);
await prisma.$executeRawUnsafe('ANALYZE');

type Row = Parameters<typeof publishResults>[1][number];
const rows: Row[] = [];
const show = (name: string, unit: string, runs: readonly number[]): void => {
  const ours = figures([...runs]);
  console.log(
    `${name.padEnd(96)} ${ours.min.toFixed(2)} / ${ours.median.toFixed(2)} / ${ours.max.toFixed(2)} ${unit}`,
  );
  rows.push({ name, unit, ours });
};

const permissions = Object.keys(PERMISSIONS) as Permission[];
const askedFor = (index: number): [Permission, string] => [
  permissions[index % permissions.length] as Permission,
  seeded.paths[(index * 7) % seeded.paths.length] as string,
];
const decisions = (subject: Subject): number => {
  const before = performance.now();
  for (let i = 0; i < DECISIONS; i += 1) answerTo(subject, ...askedFor(i));
  return ((performance.now() - before) * 1_000) / DECISIONS;
};
const repeat = async (run: () => Promise<number> | number): Promise<number[]> => {
  const runs: number[] = [];
  for (let i = 0; i < RUNS; i += 1) runs.push(await run());
  return runs;
};

for (const [who, userId] of [
  ['somebody in ten teams', seeded.inTeams],
  ['somebody who holds every grant there is', seeded.inAllTeams],
] as const) {
  const rights = await readRights(prisma, userId);
  const subject: Subject = { kind: 'user', userId, name: who, administrator: false, ...rights };
  decisions(subject);
  show(
    `one decision for ${who} (${rights.grants.length} grants)`,
    'µs',
    await repeat(() => decisions(subject)),
  );
  const query = async (): Promise<number> => {
    const before = performance.now();
    for (let i = 0; i < 20; i += 1) await readRights(prisma, userId);
    return (performance.now() - before) / 20;
  };
  show(`the query before the decisions of a request, for ${who}`, 'ms', await repeat(query));
}

const read = async (path: string, headers: Record<string, string>): Promise<string> => {
  const response = await fetch(`${server.consoleUrl}/api/v1${path}`, { headers });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
};
const listTime = async (token: string, query: string): Promise<number> => {
  const times: number[] = [];
  for (let i = 0; i < LISTS; i += 1) {
    const before = performance.now();
    await read(`/services?limit=50${query}`, { authorization: `Bearer ${token}` });
    times.push(performance.now() - before);
  }
  return times.toSorted((a, b) => a - b)[Math.floor(LISTS / 2)] ?? 0;
};
for (const [what, query] of [
  ['of 10,000 services', ''],
  ['of 10,000 services, found by a name', '&search=web-77'],
] as const) {
  const everything = seeded.tokens.everything;
  const filtered = seeded.tokens.spread;
  await listTime(everything, query);
  await listTime(filtered, query);
  // In turns, so that whatever else the machine does meets both.
  const [open, bound]: [number[], number[]] = [[], []];
  for (let i = 0; i < RUNS; i += 1) {
    open.push(await listTime(everything, query));
    bound.push(await listTime(filtered, query));
  }
  show(`a page ${what}, for a cluster administrator`, 'ms', open);
  show(`a page ${what}, for somebody with a grant in each of 50 trees`, 'ms', bound);
  show(
    `the same, × unfiltered, ${what}`,
    '×',
    bound.map((time, i) => time / (open[i] ?? time)),
  );
}

await server.close();
await database.stop();
rmSync(folder, { recursive: true, force: true });
publishResults('access', rows);
