import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { type Figures, FOLDER, type Results, type Row, readResults } from './results.ts';

const GIB = 2 ** 30;
/** Its tables are written from the results; the words around them by hand. */
const README = new URL('../README.md', import.meta.url);
const BEGIN = '<!-- The tables are written by the benchmarks: do not edit below. -->';

const number = (value: number): string => {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
};

/** The scale that suits the middle one, and its unit. */
const scaleOf = (value: number, unit: string): [number, string] => {
  if (unit !== 'ms' || value < 1_000) return [1, unit];
  return [1_000, 's'];
};

const cellOf = (figures: Figures | undefined, unit: string): string => {
  if (!figures) return '';
  const [scale, shown] = scaleOf(figures.median, unit);
  const [least, middle, most] = [figures.min, figures.median, figures.max].map((value) =>
    number(value / scale),
  );
  const range = figures.runs.length > 1 ? ` (${least} – ${most})` : '';
  return `**${middle}** ${shown}${range}`;
};

const markdown = (head: readonly string[], lines: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const SIZED = /^(\d+) agents: (.*)$/;

/** A column for each size of the fleet. */
const sizedTable = (rows: readonly Row[]): string => {
  const read = rows.map((row) => {
    const [, size = '', what = ''] = SIZED.exec(row.name) ?? [];
    return { ...row, size, what };
  });
  const sizes = [...new Set(read.map(({ size }) => size))];
  const lines = [...Map.groupBy(read, ({ what }) => what)].map(([what, group]) => [
    what,
    ...sizes.map((size) => {
      const row = group.find((one) => one.size === size);
      return cellOf(row?.ours, row?.unit ?? '');
    }),
  ]);
  return markdown(['what', ...sizes.map((size) => `${size} agents`)], lines);
};

const comparedTable = (rows: readonly Row[]): string =>
  markdown(
    ['what', 'Portreeve', 'Swarm mode', 'bare engine', '× Swarm', '× engine'],
    rows.map(({ name, unit, ours, swarm, engine, ratioToSwarm, ratioToEngine }) => [
      name,
      cellOf(ours, unit),
      cellOf(swarm, unit),
      cellOf(engine, unit),
      `${ratioToSwarm ?? ''}`,
      `${ratioToEngine ?? ''}`,
    ]),
  );

const tableOf = (rows: readonly Row[]): string => {
  if (rows.every(({ name }) => SIZED.test(name))) return sizedTable(rows);
  if (rows.some(({ swarm, engine }) => swarm ?? engine)) return comparedTable(rows);
  return markdown(
    ['what', 'Portreeve'],
    rows.map(({ name, unit, ours }) => [name, cellOf(ours, unit)]),
  );
};

const sectionOf = (name: string, { machine, date, commit, rows }: Results): string => {
  const runs = Math.max(...rows.map(({ ours }) => ours.runs.length));
  const about = `${runs} ${runs === 1 ? 'run' : 'runs'} at ${commit} on ${date.slice(0, 10)}; ${machine}. Median (least – most).`;
  return `### ${name}\n\n${about}\n\n${tableOf(rows)}\n`;
};

/** Writes the tables of the README anew from all results at hand. */
export const writeTables = (): void => {
  const names = readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -5))
    .sort();
  const sections = names.flatMap((name) => {
    const results = readResults(name);
    return results ? [sectionOf(name, results)] : [];
  });
  const [words = ''] = readFileSync(README, 'utf8').split(BEGIN);
  writeFileSync(README, `${words}${BEGIN}\n\n${sections.join('\n')}`);
};

/** Keeps the rows as `bench/results/<name>.json`, with the machine they were measured on, and writes the tables anew. */
export const publishResults = (name: string, rows: Row[]): void => {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'CPU'}, ${Math.round(totalmem() / GIB)} GiB, Node ${process.version}`;
  mkdirSync(FOLDER, { recursive: true });
  const results: Results = { machine, date: new Date().toISOString(), commit, rows };
  writeFileSync(new URL(`${name}.json`, FOLDER), `${JSON.stringify(results, undefined, 2)}\n`);
  writeTables();
};
