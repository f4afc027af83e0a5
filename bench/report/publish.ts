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

const inUnit = ({ min, median, max }: Figures, unit: string): string => {
  const [scale, shown] = unit === 'ms' ? [1_000, 's'] : [1, unit];
  const [least, middle, most] = [min, median, max].map((value) => number(value / scale));
  return `**${middle}** ${shown} (${least} – ${most})`;
};

const tableOf = (rows: readonly Row[]): string => {
  const peers = rows.some(({ swarm, engine }) => swarm ?? engine);
  const cell = (figures: Figures | undefined, unit: string) => (figures ? inUnit(figures, unit) : '');
  const head = peers
    ? ['what', 'Portreeve', 'Swarm mode', 'bare engine', '× Swarm', '× engine']
    : ['what', 'Portreeve'];
  const lines = rows.map(({ name, unit, ours, swarm, engine, ratioToSwarm, ratioToEngine }) => {
    const all = [
      name,
      cell(ours, unit),
      cell(swarm, unit),
      cell(engine, unit),
      `${ratioToSwarm ?? ''}`,
      `${ratioToEngine ?? ''}`,
    ];
    return `| ${all.slice(0, head.length).join(' | ')} |`;
  });
  return [`| ${head.join(' | ')} |`, `|${'---|'.repeat(head.length)}`, ...lines].join('\n');
};

const sectionOf = (name: string, { machine, date, commit, rows }: Results): string => {
  const runs = Math.max(...rows.map(({ ours }) => ours.runs.length));
  const about = `${runs} ${runs === 1 ? 'run' : 'runs'} at ${commit} on ${date.slice(0, 10)}; ${machine}. Median (least – most).`;
  return `### ${name}\n\n${about}\n\n${tableOf(rows)}\n`;
};

const writeTables = (): void => {
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
