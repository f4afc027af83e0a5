import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const KIB = 1024;
/** The kernel's clock ticks in /proc; 100 a second on every Linux that Node runs on. */
const TICK_MS = 10;

/** A file of a process; nothing when that is gone, as a database's helpers come and go. */
const read = (pid: number, file: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
};

const mebibytes = (text: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0) / KIB;

/** Resident memory in MiB, as `ps` shows it. */
export const residentMiB = (pid: number): number => mebibytes(read(pid, 'status'), 'VmRSS');

/** Memory in MiB with each shared page divided among those who share it, so that it can be added up. */
export const proportionalMiB = (pid: number): number => mebibytes(read(pid, 'smaps_rollup'), 'Pss');

const cpuMs = (pid: number): number => {
  const stat = read(pid, 'stat');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK_MS;
};

const totalCpuMs = (pids: readonly number[]): number => pids.reduce((sum, pid) => sum + cpuMs(pid), 0);

/** Begins to count; what is returned says how much of one core, in percent, these processes took since. */
export const startCpuMeter = (pids: readonly number[]): (() => number) => {
  const before = totalCpuMs(pids);
  const began = performance.now();
  return () => (Math.max(0, totalCpuMs(pids) - before) / (performance.now() - began)) * 100;
};

/** Percent of one core that each group of processes takes in a stretch of time. */
export const cpuOver = async (groups: readonly (readonly number[])[], ms: number): Promise<number[]> => {
  const meters = groups.map(startCpuMeter);
  await pause(ms);
  return meters.map((read) => read());
};
