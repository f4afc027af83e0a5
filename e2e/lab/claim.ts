import { join } from 'node:path';
import { chooseEngine, type EngineChoice } from './engine-choice.ts';
import { claimBridge } from './network.ts';
import { processNow } from './process-id.ts';
import { type LabRecord, labDir, type MachineRecord, readRecord, writeRecord } from './state.ts';
import type { LabOptions } from './types.ts';

const FIRST_HOST = 11;
const REGISTRY = 2;

/** Takes an id, a bridge and a subnet, and writes down what the lab will be, before anything else is made. */
export async function claimLab(options: LabOptions): Promise<LabRecord> {
  const owner = processNow(process.pid);
  if (owner === undefined) throw new Error('this process is not in /proc: the lab needs Linux');
  const id = options.id ?? `t${process.pid}`;
  const present = readRecord(id);
  if (present !== undefined)
    throw new Error(`lab "${id}" is running already (owner: pid ${present.owner.pid})`);
  const engine = chooseEngine(options);
  const { bridge, subnet } = await claimBridge();
  const dir = labDir(id);
  const record = {
    id,
    dir,
    owner,
    bridge,
    subnet,
    diskGiB: options.diskGiB ?? 8,
    machines: machines(options, engine, dir, subnet),
  };
  writeRecord(record);
  return record;
}

function machines(options: LabOptions, engine: EngineChoice, dir: string, subnet: number): MachineRecord[] {
  const names =
    typeof options.hosts === 'number'
      ? Array.from({ length: options.hosts }, (_, i) => `node-${i + 1}`)
      : options.hosts;
  const machine = (name: string, last: number, kind: MachineRecord['engine']): MachineRecord => ({
    name,
    address: `10.77.${subnet}.${last}`,
    // Its own for life, as a real card's: peers may remember it over a reboot.
    mac: `02:4d:00:00:${hex(subnet)}:${hex(last)}`,
    cable: `prl${subnet}-${last}`,
    dir: join(dir, name),
    engine: kind,
    engineBin: engine.bin,
    init: kind === 'none' ? 'tini' : (options.init ?? 'tini'),
  });
  const hosts = names.map((name, i) => machine(name, FIRST_HOST + i, engine.kindOf(i)));
  return options.registry === false ? hosts : [...hosts, machine('registry', REGISTRY, 'none')];
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
