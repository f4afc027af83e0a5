import { rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';

const SOCKET = 'names.sock';

/** What a running process says of itself. */
const NamesStatus = z.object({ pid: z.number(), version: z.string() });
type NamesStatus = z.infer<typeof NamesStatus>;

const socketPath = (folder: string): string => join(folder, SOCKET);

/** Who answers names for this agent's folder; undefined: nobody. */
export const namesStatus = (folder: string): Promise<NamesStatus | undefined> =>
  new Promise((resolve) => {
    const socket = connect(socketPath(folder));
    let text = '';
    socket.setTimeout(1_000, () => socket.destroy());
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (text.endsWith('\n')) socket.destroy();
    });
    socket.once('error', () => resolve(undefined));
    socket.once('close', () => {
      try {
        resolve(NamesStatus.parse(JSON.parse(text)));
      } catch {
        resolve(undefined);
      }
    });
  });

/** Resolves when the process that holds the folder is gone; at once when there is none. */
const untilGone = (folder: string): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect(socketPath(folder));
    socket.resume();
    socket.once('error', () => undefined);
    socket.once('close', () => resolve());
  });

/** Being the only one, until released or until the process ends. */
type Hold = { release(): void };

const tryHold = (folder: string, status: NamesStatus): Promise<Hold | undefined> =>
  new Promise((resolve, reject) => {
    const waiting = new Set<Socket>();
    const server = createServer((socket) => {
      waiting.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => waiting.delete(socket));
      socket.write(`${JSON.stringify(status)}\n`);
    });
    const release = (): void => {
      server.close();
      for (const socket of waiting) socket.destroy();
    };
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen(socketPath(folder), () => resolve({ release }));
  });

/** Waits until this process is the only one that answers names for the folder: two may be started at the same time. */
export const holdNames = async (folder: string, status: NamesStatus): Promise<Hold> => {
  for (;;) {
    const held = await tryHold(folder, status);
    if (held) return held;
    await untilGone(folder);
    // Left behind by one that was killed, or taken by another that waited too.
    if ((await namesStatus(folder)) === undefined) await rm(socketPath(folder), { force: true });
  }
};
