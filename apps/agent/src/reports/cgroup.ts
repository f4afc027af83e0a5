import { readFileSync } from 'node:fs';
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

/** At once, not by the thread pool: the kernel answers from memory, and the detour costs ten times the read. */
const text = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};
const number = (path: string): number => Number(text(path).trim()) || 0;

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

const version2 = (path: string): Measured | undefined => {
  const at = join(ROOT, path);
  const cpu = text(join(at, 'cpu.stat'));
  if (cpu === '') return undefined;
  const current = number(join(at, 'memory.current'));
  const stat = text(join(at, 'memory.stat'));
  return {
    cpuSeconds: field(cpu, 'usage_usec') / 1e6,
    memoryBytes: Math.max(0, current - field(stat, 'inactive_file')),
    memoryLimitBytes: limitOf(text(join(at, 'memory.max'))),
    pids: number(join(at, 'pids.current')),
  };
};

const version1 = (paths: Map<string, string>): Measured | undefined => {
  const at = (controller: string, file: string): string => {
    // Mounted as `cpu,cpuacct` with a link of each name, or each alone.
    return join(ROOT, controller, paths.get(controller) ?? '/', file);
  };
  const cpu = text(at('cpuacct', 'cpuacct.usage'));
  if (cpu === '') return undefined;
  const used = number(at('memory', 'memory.usage_in_bytes'));
  const stat = text(at('memory', 'memory.stat'));
  return {
    cpuSeconds: Number(cpu) / 1e9,
    memoryBytes: Math.max(0, used - field(stat, 'total_inactive_file')),
    memoryLimitBytes: limitOf(text(at('memory', 'memory.limit_in_bytes'))),
    pids: number(at('pids', 'pids.current')),
  };
};

/**
 * What a container uses, read where the kernel keeps it: a few small files, no call to the engine. Undefined
 * when the process is gone, or has no cgroup of its own that is to be seen from here: a rootless engine without
 * any leaves its containers in the one it is in itself, whose figures are not theirs.
 */
export const usageOf = (pid: number, containerId: string): Usage | undefined => {
  const paths = parseCgroups(text(`/proc/${pid}/cgroup`));
  const path = paths.get('cpuacct') ?? paths.get('');
  // Every engine names it by the container, whatever is around that.
  if (!path?.includes(containerId)) return undefined;
  const measured = paths.has('cpuacct') ? version1(paths) : version2(path);
  if (!measured) return undefined;
  return { ...measured, ...parseNetDev(text(`/proc/${pid}/net/dev`)) };
};
