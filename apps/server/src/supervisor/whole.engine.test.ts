import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dockerOf } from '../../../../e2e/lab/docker.ts';
import { eventually, type Lab, type LabHost, type LabProcess, startLab } from '../../../../e2e/lab/lab.ts';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const FOLDER = join(ROOT, 'apps/server/src/supervisor');
const DATA = '/srv/portreeve';
const TASKS = 12;

let lab: Lab;
let host: LabHost;
let up: LabProcess;

beforeAll(async () => {
  execFileSync(process.execPath, [join(FOLDER, 'build-main.ts'), 'client', 'agent'], {
    cwd: ROOT,
    stdio: 'ignore',
  });
  lab = await startLab({ hosts: 1, registry: false, id: `up${process.pid}` });
  host = lab.hosts[0] as LabHost;
});
afterAll(() => lab?.stop());

/** Pages are left out: they take minutes to build, and others look at them. */
const start = (...flags: string[]): LabProcess =>
  host.spawn([
    'env',
    'PORTREEVE_WEB=none',
    process.execPath,
    join(FOLDER, 'main.ts'),
    '--data',
    DATA,
    ...flags,
  ]);
const said = () => readFileSync(up.logFile, 'utf8');
const untilReady = () =>
  eventually(() => said().includes('Portreeve is ready'), { timeout: 120_000, what: 'npm run up' });

/** What runs of ours: which containers, and since when. */
const running = async (): Promise<string[]> => {
  const docker = dockerOf(host);
  const found = await docker.listContainers({ filters: { label: ['io.portreeve.task'] } });
  const whole = await Promise.all(found.map(({ Id }) => docker.getContainer(Id).inspect()));
  return whole
    .filter(({ State }) => State.Health === undefined || State.Health.Status === 'healthy')
    .map(({ Id, State }) => `${Id} ${State.StartedAt}`)
    .sort();
};
const processesOf = async (pattern: string): Promise<string[]> =>
  (await host.exec(['pgrep', '-f', pattern])).stdout.split('\n').filter(Boolean);

let before: string[];

test('npm run up -- --demo lets its own host join, and the shop runs on it with no registry in reach', async () => {
  up = start('--demo');
  await untilReady();
  expect(said()).toContain('The demo is deployed');
  await eventually(async () => (await running()).length === TASKS, { timeout: 120_000, what: 'the shop' });
  before = await running();
});

test('Ctrl-C stops server, database and agent, and no container', async () => {
  await up.kill('SIGINT');
  expect((await up.exited).code).toBe(0);
  expect(await processesOf('bin/postgres|server/src/main.ts|portreeve-agent-linux[^ ]* agent')).toEqual([]);
  expect(await running()).toEqual(before);
});

test('a second start restarts no container', async () => {
  const begun = Date.now();
  up = start();
  await untilReady();
  process.stdout.write(`a second start took ${Date.now() - begun} ms\n`);
  expect(await running()).toEqual(before);
});

test('npm run down -- --containers stops the rest, and names with it', async () => {
  const { code, stdout } = await host.exec([
    ...[process.execPath, join(FOLDER, 'down.ts'), '--data', DATA, '--containers'],
  ]);
  expect(stdout).toContain(`${TASKS} of ${TASKS} containers have stopped`);
  expect(code).toBe(0);
  expect(await running()).toEqual([]);
  expect(await processesOf('portreeve-agent-linux[^ ]* names')).toEqual([]);
});
