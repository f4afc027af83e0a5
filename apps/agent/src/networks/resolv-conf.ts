import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AssignedTask } from '@portreeve/agent-protocol';

/**
 * What a container's resolver is told: one server, this host's address in its first network, which knows all of its
 * networks. Names without a dot are asked for as they are before a search domain is tried, as engines have it too.
 */
export const resolvConfText = (gateway: string, dns: AssignedTask['spec']['dns']): string => {
  const ndots = dns.options.some((option) => option.startsWith('ndots:'));
  const options = ndots ? dns.options : ['ndots:0', ...dns.options];
  return [
    `nameserver ${gateway}`,
    ...(dns.search.length > 0 ? [`search ${dns.search.join(' ')}`] : []),
    `options ${options.join(' ')}`,
    '',
  ].join('\n');
};

const contentOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

/** Files of the host that take the place of containers' /etc/resolv.conf, one per task. */
export const resolvConfFiles = (folder: string) => ({
  write: (taskId: string, text: string): string => {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    const path = join(folder, taskId);
    // Emptied first, it would stay so on a full disk.
    if (contentOf(path) === text) return path;
    // In place: a container of this task may have this very file mounted.
    writeFileSync(path, text);
    // Whatever user the container runs as, and whatever this process keeps from others by default.
    chmodSync(path, 0o644);
    return path;
  },
  /** Removes the files of all other tasks; a container that still runs keeps what it has mounted. */
  keepOnly: (taskIds: ReadonlySet<string>): void => {
    let names: string[] = [];
    try {
      names = readdirSync(folder);
    } catch {
      return;
    }
    for (const name of names) if (!taskIds.has(name)) rmSync(join(folder, name), { force: true });
  },
});
