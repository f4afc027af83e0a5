import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const DOWN = fileURLToPath(new URL('./down.ts', import.meta.url));

let folder: string;
let engine: Server;
let asked: string[];
let refuses: string | undefined;

/** Answers as an engine does that has two containers. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portreeve-down-'));
  asked = [];
  refuses = undefined;
  engine = createServer(({ method, url = '' }, response) => {
    if (url === '/_ping') return response.end('OK');
    asked.push(decodeURIComponent(`${method} ${url}`));
    if (method === 'GET') return response.end(JSON.stringify([{ Id: 'one' }, { Id: 'two' }]));
    response.statusCode = refuses && url.includes(refuses) ? 500 : 204;
    response.end();
  });
  await new Promise<void>((resolve) => engine.listen(join(folder, 'engine.sock'), resolve));
});
afterEach(() => {
  engine.close();
  rmSync(folder, { recursive: true, force: true });
});

const down = () =>
  new Promise<{ code: number | null; said: string }>((resolve) => {
    const child = spawn(process.execPath, [DOWN, '--data', folder, '--containers'], {
      env: { PATH: process.env.PATH, HOME: folder, DOCKER_HOST: `unix://${folder}/engine.sock` },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    child.once('close', (code) => resolve({ code, said }));
  });

test('npm run down stops the containers of this host alone, on the engine that its agent uses', async () => {
  writeFileSync(join(folder, 'agent-cluster'), 'c1 n1');
  const { code, said } = await down();
  expect(said).toContain('2 of 2 containers have stopped');
  expect(code).toBe(0);
  const [listed, ...stopped] = asked;
  expect(listed).toBe(
    'GET /containers/json?filters={"label":["io.portreeve.task","io.portreeve.cluster=c1","io.portreeve.node=n1"]}',
  );
  expect(stopped.sort()).toEqual(['POST /containers/one/stop', 'POST /containers/two/stop']);
});

test('npm run down says when a container did not stop', async () => {
  writeFileSync(join(folder, 'agent-cluster'), 'c1');
  refuses = 'two';
  const { code, said } = await down();
  expect(said).toContain('1 of 2 containers have stopped');
  expect(code).toBe(1);
});

test('npm run down touches no container where this host has joined nothing', async () => {
  const { code, said } = await down();
  expect(said).toContain('has joined no cluster');
  expect({ code, asked }).toEqual({ code: 0, asked: [] });
});
