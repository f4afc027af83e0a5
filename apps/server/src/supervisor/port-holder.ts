import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { DomainError } from '@portreeve/domain';

const LISTENING = '0A';

/** Inode of the socket that listens on `port`, from the kernel's own tables. */
const listeningInode = (port: number): string | undefined => {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  // A kernel without IPv6 has the first alone.
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6'].filter((path) => existsSync(path))) {
    for (const line of readFileSync(table, 'utf8').split('\n').slice(1)) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      if (state === LISTENING && local?.endsWith(`:${wanted}`)) return inode;
    }
  }
  return undefined;
};

const holds = (pid: string, inode: string): boolean => {
  try {
    return readdirSync(`/proc/${pid}/fd`).some(
      (fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`,
    );
  } catch {
    // Another user's process, or one that ended meanwhile.
    return false;
  }
};

const holderOf = (port: number): string => {
  const inode = listeningInode(port);
  const pid =
    inode &&
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .find((each) => holds(each, inode));
  if (!pid) return 'another process (of another user, it seems)';
  return `${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()} (process ${pid})`;
};

const tryToListen = (host: string, port: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    probe.listen(port, host, () => probe.close(() => resolve(undefined)));
  });

/** Says who has the port, before anything is built for nothing. */
export const requireFreePort = async (host: string, port: number, flag: string): Promise<void> => {
  const code = await tryToListen(host, port);
  if (code === undefined) return;
  if (code === 'EADDRINUSE')
    throw new DomainError('conflict.state', `Port ${port} is taken by ${holderOf(port)}.`, {
      hint: `Stop that, or choose another port with ${flag}.`,
    });
  if (code === 'EACCES')
    throw new DomainError('conflict.state', `Port ${port} may only be used by root.`, {
      hint: `Choose one above 1023 with ${flag}.`,
    });
  throw new DomainError('conflict.state', `Port ${port} on ${host} cannot be used: ${code}.`);
};
