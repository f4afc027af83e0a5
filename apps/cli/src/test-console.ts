import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, connect as dialTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../bin/portreeve.mjs', import.meta.url));

/** What stands between the command line and a console: cutting it is what a server that goes looks like. */
export type Door = { url: string; cut(): Promise<void>; open(): Promise<void> };

export const startDoor = async (consoleUrl: string): Promise<Door> => {
  const { hostname, port: onwardPort } = new URL(consoleUrl);
  const passing = new Set<Socket>();
  const server = createServer((client) => {
    const onward = dialTcp(Number(onwardPort), hostname);
    for (const socket of [client, onward]) {
      passing.add(socket);
      socket.on('error', () => undefined).on('close', () => passing.delete(socket));
    }
    client.pipe(onward).pipe(client);
  });
  const listen = async (port: number): Promise<void> => {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    cut: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of passing) socket.destroy();
      await closed;
    },
    open: () => listen(port),
  };
};

export type Run = { said(): string; running(): boolean; ended: Promise<number> };

/** Runs a command as a person or CI would, in a process of its own. */
export const runCommand = (url: string, token: string, args: string[], cwd = tmpdir()): Run => {
  const env = {
    PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
    ...{ PORTREEVE_URL: url, PORTREEVE_TOKEN: token },
    PORTREEVE_CONFIG: join(tmpdir(), 'portreeve-has-none.json'),
  };
  const child = spawn(PROGRAM, args, { env, cwd });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      text += chunk;
    });
  return {
    said: () => text,
    running: () => child.exitCode === null,
    ended: once(child, 'close').then(([code]) => code as number),
  };
};
