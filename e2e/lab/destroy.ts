import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { detachDisk } from './disk.ts';
import { eventually } from './eventually.ts';
import { stopRelay } from './link.ts';
import { closeBridge, relayPort } from './network.ts';
import { powerOff, removeCgroups } from './power.ts';
import { isAlive, type ProcessId, processNow } from './process-id.ts';
import { run } from './run.ts';
import { type LabRecord, labIds, type MachineRecord, readRecord } from './state.ts';

/**
 * Takes a lab down and removes all it made. Safe to repeat, on half-made labs, and by several at
 * once (its owner, its keeper, another lab's sweep): one does it, the others wait for that. Without
 * this, the slower would take down the bridge of whoever came next.
 */
export async function destroyLab(lab: LabRecord): Promise<void> {
  const mine = await eventually(() => !isPresent(lab) || lockFor(lab), {
    timeout: 60_000,
    what: `lab ${lab.id} to go down`,
  });
  if (mine !== 'locked') return;
  await Promise.all(lab.machines.map(destroyMachine));
  await closeBridge(lab);
  removeCgroups(`/portreeve-lab-${lab.id}`);
  rmSync(lab.dir, { recursive: true, force: true });
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

// A later lab may have the same id.
function isPresent(lab: LabRecord): boolean {
  const present = readRecord(lab.id);
  return (
    present !== undefined && present.owner.pid === lab.owner.pid && present.owner.start === lab.owner.start
  );
}

function lockFor(lab: LabRecord): 'locked' | undefined {
  const lock = join(lab.dir, 'destroyer');
  try {
    writeFileSync(lock, JSON.stringify(processNow(process.pid)), { flag: 'wx' });
    return 'locked';
  } catch {
    const holder: ProcessId = JSON.parse(readFileSync(lock, 'utf8'));
    if (!isAlive(holder)) rmSync(lock, { force: true });
    return undefined;
  }
}
