import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { openSync } from 'node:fs';
import { access, chmod, copyFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isSea } from 'node:sea';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DomainError } from '@portreeve/domain';
import { INSTALLED, processesOf } from './processes.ts';
import { unitOf } from './units.ts';

const FILE = INSTALLED;
const UNITS = '/etc/systemd/system';
const LOG = '/var/log/portreeve-agent.log';

const run = promisify(execFile);

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const digest = async (path: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');

/** Copies this file into place, whole or not at all: a running agent keeps the old one open. */
const place = async (): Promise<boolean> => {
  await mkdir(dirname(FILE), { recursive: true });
  if ((await exists(FILE)) && (await digest(FILE)) === (await digest(process.execPath))) return false;
  await copyFile(process.execPath, `${FILE}.new`);
  await chmod(`${FILE}.new`, 0o755);
  await rename(`${FILE}.new`, FILE);
  return true;
};

/** Writes a unit unless it is there as it should be; true when it was not. */
const placeUnit = async (unit: string, text: string): Promise<boolean> => {
  const path = `${UNITS}/${unit}`;
  if ((await readFile(path, 'utf8').catch(() => '')) === text) return false;
  await writeFile(path, text);
  return true;
};

const installUnits = async (
  modes: readonly ('agent' | 'names')[],
  args: readonly string[],
  changed: boolean,
): Promise<void> => {
  const units: string[] = [];
  const renewed: string[] = [];
  for (const mode of modes) {
    const unit = `portreeve-${mode}.service`;
    units.push(unit);
    if ((await placeUnit(unit, unitOf(mode, FILE, args))) || changed) renewed.push(unit);
  }
  await run('systemctl', ['daemon-reload']);
  await run('systemctl', ['enable', ...units]);
  // What runs as it should goes on: a restart would be a moment without names for the containers.
  if (renewed.length > 0) await run('systemctl', ['restart', ...renewed]);
  await run('systemctl', ['start', ...units]);
};

const END_WITHIN_MS = 15_000;

/** Two supervisors at once would have two agents at work on one engine. */
const endSupervisors = async (pids: readonly number[]): Promise<void> => {
  for (const pid of pids) process.kill(pid, 'SIGTERM');
  const deadline = Date.now() + END_WITHIN_MS;
  while ((await processesOf(FILE, 'supervise')).length > 0 && Date.now() < deadline) await pause(100);
};

const startDetached = async (args: readonly string[], changed: boolean): Promise<void> => {
  const running = await processesOf(FILE, 'supervise');
  if (running.length > 0 && !changed) return;
  await endSupervisors(running);
  const output = openSync(LOG, 'a', 0o600);
  spawn(FILE, ['supervise', ...args], { detached: true, stdio: ['ignore', output, output] }).unref();
};

/** Puts the agent in its place and keeps it running from now on; doing it again changes nothing. */
export const install = async (
  modes: readonly ('agent' | 'names')[],
  args: readonly string[],
): Promise<void> => {
  if (!isSea())
    throw new DomainError(
      'request.invalid',
      'Only the one-file agent can be installed: download it from a server.',
    );
  if (process.getuid?.() !== 0)
    throw new DomainError('request.invalid', 'Installing needs root: run the command with sudo.');
  const changed = await place();
  const systemd = await exists('/run/systemd/system');
  if (systemd) await installUnits(modes, args, changed);
  else await startDetached(args, changed);
  process.stdout.write(
    systemd
      ? `installed; see "systemctl status portreeve-agent"\n`
      : `installed; no systemd runs here, so the agent supervises itself and writes to ${LOG}\n`,
  );
};
