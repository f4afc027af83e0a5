import { readFile, statfs } from 'node:fs/promises';
import { cpus, networkInterfaces, totalmem } from 'node:os';
import type { NodeFacts } from '@portreeve/domain';

const text = (path: string): Promise<string> =>
  readFile(path, 'utf8').then(
    (content) => content.trim(),
    () => '',
  );

/** `KEY="value"` lines of os-release. */
export const parseOsRelease = (content: string): Record<string, string> =>
  Object.fromEntries(
    content
      .split('\n')
      .map((line) => /^([A-Z_]+)=(.*)$/.exec(line))
      .filter((match) => match !== null)
      .map((match) => [match[1] as string, (match[2] as string).replace(/^"|"$/g, '')]),
  );

/** Destinations of /proc/net/route in CIDR form, without our own networks, for the check of the address pool. */
export const parseRoutes = (content: string): string[] => {
  const dotted = (hex: string): number[] =>
    (hex.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).reverse();
  const bits = (mask: number[]): number =>
    mask.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
  const routes = content
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length >= 8 && fields[1] !== '00000000' && !/^pr\d+$/.test(fields[0] ?? ''))
    .map((fields) => `${dotted(fields[1] as string).join('.')}/${bits(dotted(fields[7] as string))}`);
  return [...new Set(routes)];
};

const addresses = (): NodeFacts['addresses'] =>
  Object.entries(networkInterfaces()).flatMap(([name, list]) =>
    (list ?? [])
      .filter(
        (one) => !one.internal && !/^(pr|veth|docker|br-|vx)/.test(name) && !one.address.startsWith('fe80'),
      )
      .map((one) => ({
        interface: name,
        address: one.address,
        prefix: Number(one.cidr?.split('/')[1] ?? 0),
      })),
  );

export type HostFacts = Pick<
  NodeFacts,
  'os' | 'osVersion' | 'kernel' | 'bootId' | 'capacity' | 'addresses' | 'routes'
> & { hostname: string };

/** What the kernel and the distribution say of this host. */
export const hostFacts = async (): Promise<HostFacts> => {
  const [release, kernel, bootId, hostname, pidMax, routes] = await Promise.all([
    text('/etc/os-release').then(parseOsRelease),
    text('/proc/sys/kernel/osrelease'),
    text('/proc/sys/kernel/random/boot_id'),
    text('/proc/sys/kernel/hostname'),
    text('/proc/sys/kernel/pid_max'),
    text('/proc/net/route').then(parseRoutes),
  ]);
  return {
    os: release.ID ?? 'linux',
    osVersion: release.VERSION_ID ?? '',
    kernel,
    bootId,
    hostname,
    capacity: { cpus: cpus().length, memoryBytes: totalmem(), pids: Number(pidMax) || 32_768 },
    addresses: addresses(),
    routes,
  };
};

const TICKS_PER_SECOND = 100;

/** When this host was booted, epoch milliseconds: when its first process started, which a container of a system has too. */
export const bootTime = async (): Promise<number> => {
  const [stat, first] = await Promise.all([text('/proc/stat'), text('/proc/1/stat')]);
  const kernel = Number(/^btime (\d+)$/m.exec(stat)?.[1] ?? 0);
  // After the name in brackets, which may hold anything, the start is the 20th field.
  const ticks = Number(first.slice(first.lastIndexOf(')') + 2).split(' ')[19] ?? 0);
  return (kernel + ticks / TICKS_PER_SECOND) * 1000;
};

/** Used and total bytes of the file system that holds `path`; undefined when there is none. */
export const diskOf = async (
  path: string,
): Promise<{ path: string; usedBytes: number; totalBytes: number } | undefined> => {
  try {
    const info = await statfs(path);
    return {
      path,
      usedBytes: (info.blocks - info.bfree) * info.bsize,
      totalBytes: info.blocks * info.bsize,
    };
  } catch {
    return undefined;
  }
};
