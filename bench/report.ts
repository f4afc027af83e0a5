import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

/** What several runs of one thing took, in the row's unit. */
export type Figures = { min: number; median: number; max: number; runs: number[] };
export type Row = {
  name: string;
  unit: string;
  ours: Figures;
  swarm?: Figures;
  engine?: Figures;
  ratioToSwarm?: number;
  ratioToEngine?: number;
};

const GIB = 2 ** 30;

/** Smallest, middle and largest of the runs. */
export const figures = (runs: number[]): Figures => {
  const sorted = runs.toSorted((a, b) => a - b);
  return { min: sorted[0] ?? 0, median: sorted[sorted.length >> 1] ?? 0, max: sorted.at(-1) ?? 0, runs };
};

/** Keeps the rows as `bench/results/<name>.json`, with the machine they were measured on. */
export const writeResults = (name: string, rows: Row[]): void => {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'CPU'}, ${Math.round(totalmem() / GIB)} GiB, Node ${process.version}`;
  mkdirSync(new URL('results', import.meta.url), { recursive: true });
  writeFileSync(
    new URL(`results/${name}.json`, import.meta.url),
    `${JSON.stringify({ machine, date: new Date().toISOString(), commit, rows }, undefined, 2)}\n`,
  );
};
