import { join } from 'node:path';
import { controlDaemon, type Daemon } from './daemon.ts';
import { fillDisk, freeDisk } from './disk.ts';
import { enter, spawnInside } from './enter.ts';
import { restoreLink, slowLink, unslowLink } from './link.ts';
import { cut, mend } from './network.ts';
import { powerOff, powerOn, runningInit } from './power.ts';
import { must, run } from './run.ts';
import type { LabRecord, MachineRecord } from './state.ts';
import type { DaemonControl, LabMachine } from './types.ts';

let spawned = 0;

/** The handle of a machine, on or off, and of the daemon it runs. */
export function makeMachine(
  lab: LabRecord,
  machine: MachineRecord,
  daemon: Daemon,
): { machine: LabMachine; daemon: DaemonControl } {
  const init = (): number => {
    const pid = runningInit(machine);
    if (pid === undefined) throw new Error(`${machine.name} is switched off`);
    return pid;
  };
  const control = controlDaemon(daemon, init);
  const kill = () => powerOff(machine);
  const boot = async (): Promise<void> => {
    const pid = await powerOn(lab, machine);
    await restoreLink(lab, machine, pid);
    await control.start();
  };
  const handle: LabMachine = {
    name: machine.name,
    address: machine.address,
    get pid() {
      return runningInit(machine);
    },
    exec: (argv, options) => run(enter(init(), argv), options),
    spawn: (argv, options = {}) => spawnInside(init(), argv, options.logFile ?? nextLog(machine), options),
    kill,
    boot,
    reboot: async () => {
      await kill();
      await boot();
    },
    partition: ({ direction = 'both' } = {}) => cut(lab, machine, direction),
    slow: (quality) => slowLink(lab, machine, init(), quality),
    heal: async () => {
      await mend(lab, machine);
      await unslowLink(lab, machine, runningInit(machine));
    },
    fillDisk: (leaveBytes) => fillDisk(init(), leaveBytes),
    freeDisk: () => freeDisk(init()),
    writeFile: (path, content, mode = 0o644) => writeInside(init(), path, content, mode),
    readFile: async (path) => must(enter(init(), ['cat', '--', path])),
  };
  return { machine: handle, daemon: control };
}

async function writeInside(
  pid: number,
  path: string,
  content: string | Uint8Array,
  mode: number,
): Promise<void> {
  const script = 'mkdir -p "$(dirname "$1")" && (umask 077; cat > "$1") && chmod "$2" "$1"';
  await must(enter(pid, ['sh', '-c', script, 'sh', path, mode.toString(8)]), { input: content });
}

function nextLog(machine: MachineRecord): string {
  spawned += 1;
  return join(machine.dir, `spawn-${process.pid}-${spawned}.log`);
}
