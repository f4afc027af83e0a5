import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

test('who reads only the first lines gets no stack of an error behind them', async () => {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end('{"items":[]}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const child = spawn(process.execPath, [MAIN, 'ls'], {
    env: { PATH: process.env.PATH, PORTREEVE_URL: `http://127.0.0.1:${port}`, PORTREEVE_CONFIG: '/nowhere' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // As `head` does when it has enough.
  child.stdout.destroy();
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  server.close();
  expect({ code, said }).toEqual({ code: 141, said: '' });
});
