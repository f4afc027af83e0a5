import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Holding } from './leaks.ts';
import type { Stage } from './stage.ts';

const RESULTS = fileURLToPath(new URL('results', import.meta.url));
/** What a failure is studied by. */
const TABLES = ['Node', 'Task', 'Rollout', 'RolloutEvent', 'Service', 'Server', 'Alert', 'AuditEntry'];

export type Entry = {
  at: string;
  fault: string;
  on: string;
  lastedMs: number;
  /** Without load, and every container compared with itself. */
  quiet: boolean;
  convergedAfterMs?: number;
  fewestReady?: { seen: number; allowed: number };
  problem?: string;
};
export type Report = {
  date: string;
  commit: string;
  machine: { cpus: number; memoryGiB: number };
  seed: number;
  minutes: number;
  hosts: number;
  deploys: { sent: number; acknowledged: number; refused: number };
  faults: Entry[];
  holdings: Holding[];
  problems: string[];
  ok: boolean;
};

/** What the machine and the checkout are. */
export const surroundings = (): Pick<Report, 'date' | 'commit' | 'machine'> => ({
  date: new Date().toISOString(),
  commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
  machine: { cpus: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30) },
});

/** Writes `<date>.json`; returns its path. */
export const writeReport = (report: Report): string => {
  mkdirSync(RESULTS, { recursive: true });
  const path = `${RESULTS}/${report.date.slice(0, 16).replace(/[:]/g, '')}.json`;
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
  return path;
};

/** Keeps what the server said and what the database held, beside the report of a run that failed. */
export const keepEvidence = async (stage: Stage, reportPath: string): Promise<void> => {
  const folder = reportPath.replace(/\.json$/, '-evidence');
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/output.txt`, stage.product.output());
  for (const table of TABLES) {
    const rows = await stage.ask(`SELECT * FROM "${table}"`).catch((error: Error) => [String(error)]);
    writeFileSync(`${folder}/${table}.json`, JSON.stringify(rows, null, 1));
  }
};
