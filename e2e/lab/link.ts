import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.ts';
import { bridgePort, relayPort } from './network.ts';
import { killProcess, type ProcessId, processNow } from './process-id.ts';
import { CLEAN_ENV, must, run } from './run.ts';
import type { LabRecord, MachineRecord } from './state.ts';
import type { LinkQuality } from './types.ts';

const RELAY = fileURLToPath(new URL('relay.pl', import.meta.url));

/**
 * Makes the machine's link bad: its cable leaves the bridge and ends in a relay, which stands on a
 * second cable into the bridge.
 */
export async function slowLink(
  lab: LabRecord,
  machine: MachineRecord,
  pid: number,
  quality: LinkQuality,
): Promise<void> {
  await unslowLink(lab, machine);
  writeFileSync(qualityFile(machine), JSON.stringify(quality));
  const relay = relayPort(machine);
  const port = bridgePort(machine);
  await must(['ip', '-batch', '-'], {
    input: [
      `link add ${relay} type veth peer name ${port}`,
      `link set ${relay} addrgenmode none up`,
      `link set ${port} addrgenmode none master ${lab.bridge} up`,
      `link set ${machine.cable} nomaster addrgenmode none`,
    ].join('\n'),
  });
  // This machine itself must not answer what only passes (the relay listens before this hook).
  await must(['nft', '-f', '-'], { input: deafTable(machine.cable, relay) });
  await setOffload(machine, pid, 'off');
  await startRelay(machine, [machine.cable, relay], quality);
}

/** Undoes `slowLink`; does nothing on a good link, and works on a machine that is off. */
export async function unslowLink(
  lab: Pick<LabRecord, 'bridge'>,
  machine: MachineRecord,
  pid?: number,
): Promise<void> {
  if (!existsSync(qualityFile(machine))) return;
  stopRelay(machine);
  await run(['nft', 'delete', 'table', 'netdev', machine.cable]);
  await run(['ip', 'link', 'del', relayPort(machine)]);
  // Fails when the machine, and with it the cable, is gone.
  await run(['ip', 'link', 'set', machine.cable, 'master', lab.bridge]);
  if (pid !== undefined) await setOffload(machine, pid, 'on');
  rmSync(qualityFile(machine), { force: true });
}

/** A machine that comes back finds its link as bad as it was. */
export async function restoreLink(lab: LabRecord, machine: MachineRecord, pid: number): Promise<void> {
  if (!existsSync(qualityFile(machine))) return;
  // Our own file, written by slowLink.
  const quality = JSON.parse(readFileSync(qualityFile(machine), 'utf8')) as LinkQuality;
  await slowLink(lab, machine, pid, quality);
}

/** Ends the relay, if there is one. */
export function stopRelay(machine: MachineRecord): void {
  if (!existsSync(pidFile(machine))) return;
  killProcess(JSON.parse(readFileSync(pidFile(machine), 'utf8')) as ProcessId);
  rmSync(pidFile(machine), { force: true });
}

async function startRelay(
  machine: MachineRecord,
  ends: readonly string[],
  quality: LinkQuality,
): Promise<void> {
  const { delayMs = 0, lossPercent = 0, rateKbit = 0 } = quality;
  const log = join(machine.dir, 'relay.log');
  const file = openSync(log, 'w');
  const argv = [RELAY, ...ends, String(delayMs), String(lossPercent), String(rateKbit)];
  const child = spawn('perl', argv, { env: CLEAN_ENV, detached: true, stdio: ['ignore', file, file] });
  closeSync(file);
  child.on('error', () => undefined);
  child.unref();
  const id = child.pid === undefined ? undefined : processNow(child.pid);
  if (id !== undefined) writeFileSync(pidFile(machine), JSON.stringify(id));
  await eventually(() => readFileSync(log, 'utf8').includes('ready'), {
    interval: 10,
    what: `the relay (see ${log})`,
  });
}

async function setOffload(machine: MachineRecord, pid: number, value: 'on' | 'off'): Promise<void> {
  await must(['nsenter', '-t', String(pid), '-n', 'ethtool', '-K', 'eth0', 'tx', value]);
  if (value === 'off') await must(['ethtool', '-K', bridgePort(machine), 'tx', value]);
}

function deafTable(cable: string, relay: string): string {
  return `table netdev ${cable} {
    chain cable { type filter hook ingress device "${cable}" priority 0; drop; }
    chain relay { type filter hook ingress device "${relay}" priority 0; drop; }
  }`;
}

function qualityFile(machine: MachineRecord): string {
  return join(machine.dir, 'link.json');
}

function pidFile(machine: MachineRecord): string {
  return join(machine.dir, 'relay.json');
}
