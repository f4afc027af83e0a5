import { rmSync } from 'node:fs';
import { detachDisk } from './disk.ts';
import { stopRelay } from './link.ts';
import { closeBridge, relayPort } from './network.ts';
import { powerOff, removeCgroups } from './power.ts';
import { isAlive } from './process-id.ts';
import { run } from './run.ts';
import { type LabRecord, labDir, labIds, type MachineRecord, readRecord } from './state.ts';

/** Takes a lab down and removes all it made. Safe to repeat, and on half-made labs. */
export async function destroyLab(lab: LabRecord): Promise<void> {
  await Promise.all(lab.machines.map(destroyMachine));
  await closeBridge(lab);
  removeCgroups(`/portreeve-lab-${lab.id}`);
  rmSync(labDir(lab.id), { recursive: true, force: true });
}

/** Takes down labs whose owner is dead, and no other. */
export async function sweep(log: (line: string) => void): Promise<void> {
  for (const id of labIds()) {
    const record = readRecord(id);
    if (record === undefined || isAlive(record.owner)) continue;
    log(`sweeping lab ${id}, whose owner (pid ${record.owner.pid}) is gone`);
    await destroyLab(record);
  }
}

async function destroyMachine(machine: MachineRecord): Promise<void> {
  await powerOff(machine);
  stopRelay(machine);
  await run(['nft', 'delete', 'table', 'netdev', machine.cable]);
  await run(['ip', 'link', 'del', relayPort(machine)]);
  await run(['ip', 'link', 'del', machine.cable]);
  await detachDisk(machine);
}
