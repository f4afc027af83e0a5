import { mkdirSync } from 'node:fs';
import { claimLab } from './claim.ts';
import { destroyLab, sweep } from './destroy.ts';
import { makeDisk } from './disk.ts';
import { dockerSocket, engineDaemon, writeEngineConfig } from './engine.ts';
import { chooseEngine } from './engine-choice.ts';
import { pushTestImages } from './images/catalog.ts';
import { startKeeper } from './keeper.ts';
import { makeMachine } from './machine.ts';
import { bridgeAddress, openBridge } from './network.ts';
import { ensurePackages } from './packages.ts';
import { isAlive } from './process-id.ts';
import { makeRegistry, registryAddress } from './registry.ts';
import { resetHost } from './reset.ts';
import { type LabRecord, type MachineRecord, readRecord } from './state.ts';
import type { EngineKind, Lab, LabHost, LabOptions } from './types.ts';

export { eventually } from './eventually.ts';
export type * from './types.ts';

/** Starts real hosts on this machine. They are gone when this process is, however it ends. */
export async function startLab(options: LabOptions): Promise<Lab> {
  const log = options.log ?? (() => undefined);
  const { extras } = chooseEngine(options);
  await ensurePackages(options.init === 'systemd' ? [...extras, 'systemd'] : extras, log);
  await sweep(log);
  const record = await claimLab(options);
  const dismissKeeper = startKeeper(record);
  const lab = openLab(record, async () => {
    await destroyLab(record);
    dismissKeeper();
  });
  try {
    await openBridge(record);
    await Promise.all([
      startRegistry(lab, record, log),
      ...lab.hosts.map((host) => startHost(host, record, options, log)),
    ]);
    return lab;
  } catch (error) {
    await lab.stop();
    throw error;
  }
}

/** A lab that another process of this machine owns: everything but stopping it, which is the owner's. */
export function attachLab(id: string): Lab {
  const record = readRecord(id);
  if (record === undefined || !isAlive(record.owner)) throw new Error(`there is no lab "${id}" running`);
  return openLab(record, () =>
    Promise.reject(new Error(`lab "${id}" belongs to pid ${record.owner.pid}: end that`)),
  );
}

function openLab(record: LabRecord, stop: () => Promise<void>): Lab {
  const hosts = record.machines.flatMap((machine) =>
    machine.engine === 'none' ? [] : [openHost(record, machine, machine.engine)],
  );
  const registry = record.machines.find((machine) => machine.engine === 'none');
  return {
    id: record.id,
    bridgeAddress: bridgeAddress(record.subnet),
    hosts,
    registry: registry === undefined ? undefined : makeRegistry(record, registry),
    host: (name) => {
      const found = hosts.find((host) => host.name === name);
      if (found === undefined) throw new Error(`lab ${record.id} has no host "${name}"`);
      return found;
    },
    reset: async (options = {}) => {
      await Promise.all(hosts.map((host) => resetHost(host, machineOf(record, host.name), options)));
    },
    stop,
  };
}

function openHost(record: LabRecord, machine: MachineRecord, engineKind: EngineKind): LabHost {
  const made = makeMachine(record, machine, engineDaemon(machine));
  const extra = { dockerSocket: dockerSocket(machine), engineKind, engine: made.daemon };
  // Not spread: `pid` is asked anew each time.
  return Object.defineProperties(extra, Object.getOwnPropertyDescriptors(made.machine)) as LabHost;
}

async function startHost(
  host: LabHost,
  record: LabRecord,
  options: LabOptions,
  log: (line: string) => void,
): Promise<void> {
  const machine = machineOf(record, host.name);
  const registry = record.machines.find((one) => one.engine === 'none');
  mkdirSync(machine.dir, { recursive: true });
  writeEngineConfig(record, machine, registry && registryAddress(registry), options.engineConfig ?? {});
  await makeDisk(machine, record.diskGiB);
  await host.boot();
  log(`${host.name} is up at ${host.address}`);
}

async function startRegistry(lab: Lab, record: LabRecord, log: (line: string) => void): Promise<void> {
  if (lab.registry === undefined) return;
  const machine = machineOf(record, 'registry');
  mkdirSync(machine.dir, { recursive: true });
  writeEngineConfig(record, machine, undefined, {});
  await makeDisk(machine, record.diskGiB);
  await lab.registry.machine.boot();
  const tags = await pushTestImages(lab.registry.address);
  log(`the registry is up at ${lab.registry.address} with ${tags.join(', ')}`);
}

function machineOf(record: LabRecord, name: string): MachineRecord {
  const found = record.machines.find((machine) => machine.name === name);
  if (found === undefined) throw new Error(`lab ${record.id} has no machine "${name}"`);
  return found;
}
