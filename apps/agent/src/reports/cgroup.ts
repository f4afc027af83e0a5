import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const ROOT = '/sys/fs/cgroup';
/** The kernel says "no limit" in v1 by a number near 2^63. */
const NO_LIMIT = 2 ** 60;

export type Usage = {
  cpuSeconds: number;
  memoryBytes: number;
  memoryLimitBytes: number | undefined;
  pids: number;
  receivedBytes: number;
  sentBytes: number;
};

const text = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');
const number = async (path: string): Promise<number> => Number((await text(path)).trim()) || 0;

const field = (content: string, name: string): number =>
  Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(content)?.[1] ?? 0);

/** Path of each v1 controller, and of v2 under `''`, from /proc/<pid>/cgroup. */
export const parseCgroups = (content: string): Map<string, string> => {
  const paths = new Map<string, string>();
  for (const line of content.split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) continue;
    for (const one of controllers.split(',')) paths.set(one, path);
  }
  return paths;
};

/** Bytes in and out of all interfaces but loopback, from /proc/<pid>/net/dev. */
export const parseNetDev = (content: string): { receivedBytes: number; sentBytes: number } => {
  let receivedBytes = 0;
  let sentBytes = 0;
  for (const line of content.split('\n')) {
    const [, name, rest] = /^\s*([^:]+):\s*(.*)$/.exec(line) ?? [];
    if (!name || !rest || name === 'lo') continue;
    const fields = rest.split(/\s+/).map(Number);
    receivedBytes += fields[0] ?? 0;
    sentBytes += fields[8] ?? 0;
  }
  return { receivedBytes, sentBytes };
};

const limitOf = (raw: string): number | undefined => {
  const value = Number(raw.trim());
  return Number.isFinite(value) && value > 0 && value < NO_LIMIT ? value : undefined;
};

type Measured = Omit<Usage, 'receivedBytes' | 'sentBytes'>;

const version2 = async (path: string): Promise<Measured | undefined> => {
  const at = join(ROOT, path);
  const cpu = await text(join(at, 'cpu.stat'));
  if (cpu === '') return undefined;
  const [current, stat, max, pids] = await Promise.all([
    number(join(at, 'memory.current')),
    text(join(at, 'memory.stat')),
    text(join(at, 'memory.max')),
    number(join(at, 'pids.current')),
  ]);
  return {
    cpuSeconds: field(cpu, 'usage_usec') / 1e6,
    memoryBytes: Math.max(0, current - field(stat, 'inactive_file')),
    memoryLimitBytes: limitOf(max),
    pids,
  };
};

const version1 = async (paths: Map<string, string>): Promise<Measured | undefined> => {
  const at = (controller: string, file: string): string => {
    // Mounted as `cpu,cpuacct` with a link of each name, or each alone.
    return join(ROOT, controller, paths.get(controller) ?? '/', file);
  };
  const cpu = await text(at('cpuacct', 'cpuacct.usage'));
  if (cpu === '') return undefined;
  const [used, stat, limit, pids] = await Promise.all([
    number(at('memory', 'memory.usage_in_bytes')),
    text(at('memory', 'memory.stat')),
    text(at('memory', 'memory.limit_in_bytes')),
    number(at('pids', 'pids.current')),
  ]);
  return {
    cpuSeconds: Number(cpu) / 1e9,
    memoryBytes: Math.max(0, used - field(stat, 'total_inactive_file')),
    memoryLimitBytes: limitOf(limit),
    pids,
  };
};

/**
 * What a container uses, read where the kernel keeps it: a few small files, no call to the engine. Undefined
 * when the process is gone, or its cgroup is not to be seen from here.
 */
export const usageOf = async (pid: number): Promise<Usage | undefined> => {
  const paths = parseCgroups(await text(`/proc/${pid}/cgroup`));
  if (paths.size === 0) return undefined;
  const unified = paths.get('');
  const measured = paths.has('cpuacct')
    ? await version1(paths)
    : unified === undefined
      ? undefined
      : await version2(unified);
  if (!measured) return undefined;
  return { ...measured, ...parseNetDev(await text(`/proc/${pid}/net/dev`)) };
};
