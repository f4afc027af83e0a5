import { readFile } from 'node:fs/promises';
import { cpus, freemem, loadavg, totalmem } from 'node:os';
import type { NodePressure } from '@portreeve/domain';
import { diskOf } from './host.ts';

type Times = { busy: number; all: number };

/** Cores in use between two readings of all of them. */
export const coresBetween = (before: Times, now: Times, cores: number): number => {
  const span = now.all - before.all;
  return span > 0 ? (cores * (now.busy - before.busy)) / span : 0;
};

const times = (): Times => {
  let idle = 0;
  let all = 0;
  for (const cpu of cpus()) {
    idle += cpu.times.idle;
    all += cpu.times.user + cpu.times.nice + cpu.times.sys + cpu.times.irq + cpu.times.idle;
  }
  return { busy: all - idle, all };
};

const availableMemory = async (): Promise<number> => {
  const info = await readFile('/proc/meminfo', 'utf8').catch(() => '');
  const kib = /^MemAvailable:\s+(\d+) kB/m.exec(info)?.[1];
  return kib === undefined ? freemem() : Number(kib) * 1024;
};

/** Measures the host each time it is called; CPU is the cores used since the call before. */
export const pressureMeter = (): ((
  engineRoot: string,
  skewMs: number | undefined,
) => Promise<NodePressure>) => {
  let before = times();
  return async (engineRoot, clockSkewMs) => {
    const now = times();
    const cpuUsed = coresBetween(before, now, cpus().length);
    before = now;
    const [available, ...disks] = await Promise.all([availableMemory(), diskOf('/'), diskOf(engineRoot)]);
    const memoryTotalBytes = totalmem();
    return {
      at: new Date().toISOString(),
      load1: loadavg()[0] ?? 0,
      cpuUsed,
      memoryUsedBytes: memoryTotalBytes - available,
      memoryTotalBytes,
      disks: disks.filter((disk) => disk !== undefined),
      clockSkewMs,
    };
  };
};
