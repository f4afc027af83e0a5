// Who may import whom, and who may touch what: the rules of CONTRIBUTING.md, checked on the text of every source file.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { ROOT } from './node.mjs';

const LIBRARIES = ['planning', 'contract', 'agent-protocol', 'compose', 'trust'];
/** Folder → the workspaces it may import. */
const ALLOWED = {
  'packages/domain': [],
  ...Object.fromEntries(LIBRARIES.map((name) => [`packages/${name}`, ['domain']])),
  'apps/web': ['domain', 'contract'],
  'apps/cli': ['domain', 'contract', 'compose'],
  'apps/agent': ['domain', ...LIBRARIES],
  'apps/server': ['domain', ...LIBRARIES],
};
/** Pure packages may import these and nothing else from outside. */
const PURE = { 'packages/domain': ['zod'], 'packages/planning': ['zod'], 'packages/contract': ['zod'] };

const IGNORED = new Set(['node_modules', '.next', 'dist', 'generated']);
const sourcesBelow = (folder) =>
  readdirSync(folder)
    .filter((name) => !IGNORED.has(name))
    .flatMap((name) => {
      const path = join(folder, name);
      if (statSync(path).isDirectory()) return sourcesBelow(path);
      return /\.(ts|tsx)$/.test(name) && !name.endsWith('.d.ts') ? [path] : [];
    });

const isTest = (file) => /\.test\.tsx?$|\/test\/|\/testing\/|\/test-[^/]+\.ts$/.test(file);
const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s(?:[^'"`;]*?\sfrom\s)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g;
const importsOf = (text) => [...text.matchAll(IMPORT)].map((match) => match[1] ?? match[2]);

const roomOf = (file) => Object.keys(ALLOWED).find((room) => file.startsWith(`${room}/`));

const importProblem = (file, room, name) => {
  if (name.startsWith('.')) {
    const target = normalize(join(dirname(file), name));
    if (!target.startsWith(`${room}/`) && !isTest(file)) return `reaches out of ${room} to ${target}`;
    return undefined;
  }
  const workspace = /^@portreeve\/([^/]+)/.exec(name)?.[1];
  if (workspace) {
    if (room.endsWith(`/${workspace}`) || ALLOWED[room].includes(workspace) || isTest(file)) return undefined;
    return `may not import @portreeve/${workspace}`;
  }
  if (isTest(file) || !PURE[room]) return undefined;
  return PURE[room].includes(name.split('/')[0]) ? undefined : `is pure and may not import ${name}`;
};

/** Prisma's own verbs on whatever the client is called, and the common ones on the names that it has here. */
const DATABASE_CALL =
  /\w\s*\.\w+\s*\.(?:find(?:Many|First|Unique)\w*|(?:create|update|delete)Many\w*|upsert|aggregate|groupBy)\(|\b(?:prisma|tx|db)\.\w+\.(?:create|update|delete|count)\(|\$(?:queryRaw|executeRaw)/;
/** Clocks and chance are given to plans, never asked for by them. */
const IMPURE = /\bnew Date\(\)|\bDate\.now\(|\bMath\.random\(|\bperformance\.now\(|\brandomUUID\(/;

const textProblems = (file, text) => {
  const problems = [];
  if (isTest(file)) return problems;
  if (/^apps\/(server|agent|cli)\/src/.test(file) && !/\/env\.ts$/.test(file) && /process\.env\b/.test(text))
    problems.push('reads process.env, which only env.ts may');
  if (
    file.startsWith('apps/server/src/') &&
    !file.startsWith('apps/server/src/platform/db/') &&
    !file.endsWith('.store.ts') &&
    DATABASE_CALL.test(text)
  )
    problems.push('speaks to the database, which only *.store.ts may');
  if (file.startsWith('packages/planning/src/') && IMPURE.test(text))
    problems.push('asks for the time or for chance, which planning is given');
  return problems;
};

/** Circles of files, each once, as the way from its first file back to it. Imports of types count: a circle of nouns is one too. */
const circlesIn = (neighbours) => {
  const circles = [];
  const done = new Set();
  const visit = (file, way) => {
    const start = way.indexOf(file);
    if (start >= 0) return circles.push([...way.slice(start), file]);
    if (done.has(file)) return;
    for (const next of neighbours.get(file) ?? []) visit(next, [...way, file]);
    done.add(file);
  };
  for (const file of neighbours.keys()) visit(file, []);
  return circles;
};

/** Sentences about what breaks a rule; empty when all is well. */
export const checkImports = () => {
  const sources = ['packages', 'apps']
    .flatMap((top) => sourcesBelow(join(ROOT, top)))
    .map((path) => ({ file: relative(ROOT, path), text: readFileSync(path, 'utf8') }))
    .filter(({ file }) => roomOf(file));
  const broken = sources.flatMap(({ file, text }) => {
    const problems = importsOf(text).map((name) => importProblem(file, roomOf(file), name));
    return [...problems, ...textProblems(file, text)].filter(Boolean).map((problem) => `${file} ${problem}`);
  });
  const neighbours = new Map(
    sources.map(({ file, text }) => [
      file,
      importsOf(text)
        .filter((name) => name.startsWith('.'))
        .map((name) => normalize(join(dirname(file), name))),
    ]),
  );
  return [...broken, ...circlesIn(neighbours).map((way) => `imports run in a circle: ${way.join(' → ')}`)];
};
