import { readFile, stat } from 'node:fs/promises';
import { isIP } from 'node:net';

const LOOK_MS = 5_000;

/** Addresses of the `nameserver` lines. */
const parseServers = (resolvConf: string): string[] =>
  resolvConf
    .split('\n')
    .map((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? '')
    .filter((address) => isIP(address) !== 0);

/** The servers that the host itself asks; its file is read again when it has changed. */
export const hostServers = (path = '/etc/resolv.conf') => {
  let servers: string[] = [];
  let looked = Number.NEGATIVE_INFINITY;
  let mtime = 0;
  return async (): Promise<string[]> => {
    if (performance.now() - looked < LOOK_MS) return servers;
    looked = performance.now();
    const changed = await stat(path).then(
      (info) => info.mtimeMs,
      () => 0,
    );
    if (changed === mtime) return servers;
    mtime = changed;
    servers = parseServers(await readFile(path, 'utf8').catch(() => ''));
    return servers;
  };
};
