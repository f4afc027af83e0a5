import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const HOSTILE = '\u001b]0;owned\u0007\u001b[2J\u009b31m\u202egnp\r\nroot# \u001b[32mhealthy\u001b[0m<b>';

/** Answers as a lying server makes them: every text is hostile, and what should be a number too. */
const TEXTS = ['name', 'projectPath', 'state', 'why', 'reason', 'image', 'health', 'availability'];
const texts = Object.fromEntries(TEXTS.map((key) => [key, HOSTILE]));
const count = { ready: HOSTILE, wanted: HOSTILE };
const service = {
  ...{ ...texts, id: 'x', count, revision: HOSTILE, rollout: null, restarts: HOSTILE },
  tasks: [{ ...texts, slot: HOSTILE, revision: HOSTILE, restarts: HOSTILE, node: { name: HOSTILE } }],
};
const answer = {
  ...{ ...texts, id: 'x', count, stackVersion: HOSTILE, serviceList: [{ ...service, name: 'web' }] },
  items: [{ ...texts, ...service, count, stackVersion: HOSTILE, engineVersion: HOSTILE, memory: {} }],
  ...service,
};
const problem = {
  ...{ type: HOSTILE, title: HOSTILE, status: 422, code: HOSTILE, detail: HOSTILE, hint: HOSTILE },
  errors: [{ message: HOSTILE, file: HOSTILE, line: HOSTILE, column: HOSTILE, hint: HOSTILE }],
};

let server: Server;
let url = '';
let refuses = false;
beforeAll(async () => {
  server = createServer((_, response) => {
    response.writeHead(refuses ? 422 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(refuses ? problem : answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

const run = async (args: string[]): Promise<string> => {
  const env = { PATH: process.env.PATH, PORTREEVE_URL: url, PORTREEVE_TOKEN: 'x', PORTREEVE_CONFIG: '/none' };
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk));
  await once(child, 'close');
  return text;
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
const STEERING = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/;
const COMMANDS = [['ls'], ['ls', 'shop'], ['ls', 'shop/web'], ['nodes'], ['scale', 'shop/web', '2']];

test.each([
  ['answers', false],
  ['refuses', true],
])('S-45 no command prints a control character of a server that %s', async (_, refusing) => {
  refuses = refusing;
  const said = await Promise.all(COMMANDS.map(run));
  for (const text of said) {
    expect(text).not.toMatch(STEERING);
    expect(text).not.toMatch(/^root#/m);
    expect(text).toContain('\\u{1b}');
  }
});
