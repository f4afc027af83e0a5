import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const KIB = 1024;
/** The kernel's clock ticks in /proc; 100 a second on every Linux that Node runs on. */
const TICK_MS = 10;

const field = (text: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);

/** Resident memory in MiB, as `ps` shows it. */
export const residentMiB = (pid: number): number =>
  field(readFileSync(`/proc/${pid}/status`, 'utf8'), 'VmRSS') / KIB;

/** Memory in MiB with each shared page divided among those who share it, so that it can be added up. */
export const proportionalMiB = (pid: number): number =>
  field(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'), 'Pss') / KIB;

const cpuMs = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
};

const totalCpuMs = (pids: readonly number[]): number => {
  let sum = 0;
  for (const pid of pids) {
    try {
      sum += cpuMs(pid);
    } catch {
      // Gone meanwhile: its time is not known any more.
    }
  }
  return sum;
};

/** Begins to count; what is returned says how much of one core, in percent, these processes took since. */
export const startCpuMeter = (pids: readonly number[]): (() => number) => {
  const before = totalCpuMs(pids);
  const began = performance.now();
  return () => ((totalCpuMs(pids) - before) / (performance.now() - began)) * 100;
};

/** Percent of one core that each group of processes takes in a stretch of time. */
export const cpuOver = async (groups: readonly (readonly number[])[], ms: number): Promise<number[]> => {
  const meters = groups.map(startCpuMeter);
  await pause(ms);
  return meters.map((read) => read());
};
