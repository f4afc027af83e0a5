import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.ts';
import { bridgeAddress, plugIn } from './network.ts';
import { isAlive, killProcess } from './process-id.ts';
import { CLEAN_ENV, run } from './run.ts';
import { type LabRecord, type MachineRecord, readInit } from './state.ts';

const BOOT_SCRIPT = fileURLToPath(new URL('boot.sh', import.meta.url));
const CGROUPS = '/sys/fs/cgroup';

/** The init of a machine that is on. */
export function runningInit(machine: MachineRecord): number | undefined {
  const init = readInit(machine);
  return init !== undefined && isAlive(init) ? init.pid : undefined;
}

/** Where the engine keeps its containers' cgroups, so that they are never mixed with another host's. */
export function cgroupParent(lab: Pick<LabRecord, 'id'>, machine: Pick<MachineRecord, 'name'>): string {
  return `/portreeve-lab-${lab.id}/${machine.name}`;
}

/** Switches a machine on, up to its network; its daemon is not started. */
export async function powerOn(lab: LabRecord, machine: MachineRecord): Promise<number> {
  const running = runningInit(machine);
  if (running !== undefined) return running;
  removeCgroups(cgroupParent(lab, machine));
  rmSync(join(machine.dir, 'init'), { force: true });
  mkdirSync(join(machine.dir, 'disk'), { recursive: true });
  mkdirSync(join(machine.dir, 'root'), { recursive: true });
  startInit(lab, machine);
  const pid = await awaitBoot(machine);
  await plugIn(lab, machine, pid);
  linkSocket(machine, pid);
  return pid;
}

/** At its next boot the machine finds its system as installed; what its daemon keeps stays. */
export function wipeAtBoot(machine: MachineRecord): void {
  writeFileSync(join(machine.dir, 'fresh'), '');
}

/** Cuts the power. Nothing of the machine runs when this returns. */
export async function powerOff(machine: MachineRecord): Promise<void> {
  const init = readInit(machine);
  if (init === undefined) return;
  // The cable first: processes that end close their connections, and a power cut closes none.
  await run(['ip', 'link', 'del', machine.cable]);
  killProcess(init);
  // The kernel ends a pid namespace's init last, so all is gone once it is.
  await eventually(() => !isAlive(init), {
    interval: 10,
    what: `${machine.name} to go down`,
  });
}

/** Removes a tree of empty cgroups from every hierarchy. */
export function removeCgroups(parent: string): void {
  const controllers = readdirSync(CGROUPS, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const root of [CGROUPS, ...controllers.map((entry) => join(CGROUPS, entry.name))]) {
    removeTree(join(root, parent));
  }
}

function removeTree(dir: string): void {
  if (!existsSync(dir)) return;
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(dir, entry.name));
  }
  try {
    rmdirSync(dir);
  } catch {
    // Still in use for a moment; it does no harm.
  }
}

function startInit(lab: LabRecord, machine: MachineRecord): void {
  const log = openSync(bootLog(machine), 'a');
  const namespaces = ['--mount', '--uts', '--ipc', '--net', '--pid', '--fork'];
  const bin = machine.engine === 'current' ? (machine.engineBin ?? '') : '';
  const site = [machine.address, bridgeAddress(lab.subnet)];
  const init = [machine.init, cgroupParent(lab, machine)];
  const argv = [...namespaces, 'sh', BOOT_SCRIPT, machine.dir, machine.name, ...site, bin, ...init];
  // Detached: Ctrl-C in a terminal must reach the lab's owner, who then takes it down, not every host.
  const child = spawn('unshare', argv, { env: CLEAN_ENV, detached: true, stdio: ['ignore', log, log] });
  child.on('error', () => undefined);
  child.unref();
  closeSync(log);
}

async function awaitBoot(machine: MachineRecord): Promise<number> {
  try {
    return await eventually(() => booted(machine), {
      timeout: 30_000,
      interval: 10,
      what: `${machine.name} to boot`,
    });
  } catch (error) {
    throw new Error(`${machine.name} does not boot: ${readFileSync(bootLog(machine), 'utf8').trim()}`, {
      cause: error,
    });
  }
}

function bootLog(machine: MachineRecord): string {
  return join(machine.dir, 'boot.log');
}

function booted(machine: MachineRecord): number | undefined {
  const init = readInit(machine);
  if (init === undefined) return undefined;
  const comm = readFileSync(`/proc/${init.pid}/comm`, 'utf8').trim();
  return comm === machine.init ? init.pid : undefined;
}

function linkSocket(machine: MachineRecord, pid: number): void {
  const link = join(machine.dir, 'docker.sock');
  rmSync(link, { force: true });
  symlinkSync(`/proc/${pid}/root/run/docker.sock`, link);
}
