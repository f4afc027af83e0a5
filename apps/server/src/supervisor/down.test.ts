import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

const down = (as: { uid?: number; env?: object } = {}) =>
  new Promise<{ code: number | null; said: string }>((resolve) => {
    const child = spawn(process.execPath, [DOWN, '--data', folder, '--containers'], {
      ...(as.uid !== undefined && { uid: as.uid, gid: as.uid }),
      env: {
        ...{ PATH: process.env.PATH, HOME: folder, DOCKER_HOST: `unix://${folder}/engine.sock` },
        ...as.env,
      },
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

test.runIf(process.getuid?.() === 0)(
  'npm run down says whose the console is, and stops nothing',
  async () => {
    const supervisor = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e9)', 'supervisor/main.ts']);
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, 'supervisor.pid'), String(supervisor.pid));
    const { code, said } = await down({ uid: 65_534 });
    expect(said).toBe(
      `The supervisor (process ${supervisor.pid}) belongs to another user: run this as that user, or as root.\n`,
    );
    expect({ code, running: supervisor.exitCode === null, asked }).toEqual({
      code: 1,
      running: true,
      asked: [],
    });
    supervisor.kill();
  },
);

test('npm run down says which variable it cannot read', async () => {
  const { code, said } = await down({ env: { DATABASE_URL: 'the one next door' } });
  expect(said).toMatch(/^The variable DATABASE_URL is not valid: .+\.\n$/);
  expect(code).toBe(1);
});
