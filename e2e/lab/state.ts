import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ProcessId, parseStat } from './process-id.ts';
import type { EngineKind, InitKind } from './types.ts';

const PARENT = '/var/tmp';
const PREFIX = 'portreeve-lab-';

/** What is written down of a machine before anything of it is made. */
export interface MachineRecord {
  readonly name: string;
  readonly address: string;
  readonly mac: string;
  /** The machine's end of its cable, as this machine's interfaces call it. */
  readonly cable: string;
  readonly dir: string;
  readonly engine: EngineKind | 'none';
  readonly engineBin: string | undefined;
  readonly init: InitKind;
}

/** What is written down of a lab, so that another process can use it or clean up after it. */
export interface LabRecord {
  readonly id: string;
  readonly dir: string;
  readonly owner: ProcessId;
  readonly bridge: string;
  readonly subnet: number;
  readonly diskGiB: number;
  readonly machines: readonly MachineRecord[];
}

/** Where the lab of that id keeps everything. */
export function labDir(id: string): string {
  return join(PARENT, `${PREFIX}${id}`);
}

/** Ids of all labs that left a folder, alive or not. */
export function labIds(): string[] {
  return readdirSync(PARENT)
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => name.slice(PREFIX.length));
}

/** Writes the record; whole or not at all, since others read it at any time. */
export function writeRecord(record: LabRecord): void {
  mkdirSync(record.dir, { recursive: true });
  const path = join(record.dir, 'lab.json');
  writeFileSync(`${path}.new`, JSON.stringify(record, null, 2));
  renameSync(`${path}.new`, path);
}

/** The record of a lab, if it has got that far. */
export function readRecord(id: string): LabRecord | undefined {
  const path = join(labDir(id), 'lab.json');
  // Our own file, written whole by writeRecord.
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as LabRecord) : undefined;
}

/** The machine's init, which `boot.sh` wrote down as its first act. */
export function readInit(machine: MachineRecord): ProcessId | undefined {
  const path = join(machine.dir, 'init');
  if (!existsSync(path)) return undefined;
  const line = readFileSync(path, 'utf8');
  return line.endsWith('\n') ? parseStat(line) : undefined;
}

/** The machine's loop device, once it is attached. */
export function readLoop(machine: MachineRecord): string | undefined {
  const path = join(machine.dir, 'loop');
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
}
