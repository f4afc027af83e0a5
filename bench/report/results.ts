import { existsSync, readFileSync } from 'node:fs';

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
export type Results = { machine: string; date: string; commit: string; rows: Row[] };
/** Runs of one row by who made them. */
export type Runs = { name: string; unit: string; ours: number[]; swarm?: number[]; engine?: number[] };

/** Where results are kept. */
export const FOLDER = new URL('../results/', import.meta.url);

const rounded = (value: number): number => Number(value.toPrecision(4));

/** Smallest, middle and largest of the runs. */
export const figures = (runs: number[]): Figures => {
  const sorted = runs.map(rounded).toSorted((a, b) => a - b);
  return {
    min: sorted[0] ?? 0,
    median: sorted[sorted.length >> 1] ?? 0,
    max: sorted.at(-1) ?? 0,
    runs: runs.map(rounded),
  };
};

const ratio = (ours: Figures, peer: Figures | undefined): number | undefined =>
  peer && peer.median > 0 ? Number((ours.median / peer.median).toFixed(2)) : undefined;

/** A row with its figures; a peer that made no runs is left out. */
export const rowOf = ({ name, unit, ...runs }: Runs): Row => {
  const ours = figures(runs.ours);
  const swarm = runs.swarm?.length ? figures(runs.swarm) : undefined;
  const engine = runs.engine?.length ? figures(runs.engine) : undefined;
  return {
    name,
    unit,
    ours,
    swarm,
    engine,
    ratioToSwarm: ratio(ours, swarm),
    ratioToEngine: ratio(ours, engine),
  };
};

/** The results of a benchmark as they were last written. */
export const readResults = (name: string): Results | undefined => {
  const file = new URL(`${name}.json`, FOLDER);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Results) : undefined;
};

/** The same rows with these runs behind those that were made before. */
export const withEarlierRuns = (runs: Runs[], earlier: Results | undefined): Runs[] =>
  runs.map((row) => {
    const before = earlier?.rows.find(({ name }) => name === row.name);
    const both = (side: 'ours' | 'swarm' | 'engine'): number[] => [
      ...(before?.[side]?.runs ?? []),
      ...(row[side] ?? []),
    ];
    return { ...row, ours: both('ours'), swarm: both('swarm'), engine: both('engine') };
  });
