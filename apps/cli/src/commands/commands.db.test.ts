import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FakeRegistry, startFakeRegistry } from '../../../server/src/registry/test-registry.ts';
import { createFakeAgents, type FakeAgents } from '../../../server/src/rollouts/test-agents.ts';
import { startTestServer, type TestServer } from '../../../server/src/test-server.ts';
import { type Door, type Run, runCommand, startDoor } from '../test-console.ts';

let site: TestServer;
let registry: FakeRegistry;
let agents: FakeAgents;
let door: Door;
let token = '';
let folder = '';
let outcome: 'ready' | 'failed' = 'ready';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portreeve-commands-'));
  site = await startTestServer();
  const admin = await site.administrator();
  token = ((await admin.call('POST', '/me/tokens', { name: 'ci' })).json as { token: string }).token;
  registry = await startFakeRegistry();
  const access = { host: registry.host, plainHttp: true, allowPrivateAddress: true };
  await admin.call('POST', '/registries?project=/', access);
  for (const tag of ['1', '2']) registry.push('shop/web', tag);
  agents = createFakeAgents(site.server.platform.database);
  for (const name of ['a', 'b']) await agents.addNode(name);
  door = await startDoor(site.server.consoleUrl);
}, 60_000);
afterAll(async () => {
  await door?.cut();
  await site?.close();
  await registry?.close();
  rmSync(folder, { recursive: true, force: true });
});

const write = (tag: string, more = ''): void =>
  writeFileSync(
    join(folder, 'compose.yaml'),
    `services:\n  web:\n    image: ${registry.host}/shop/web:${tag}\n    deploy: { replicas: 2, update_config: { monitor: 0s } }\n${more}`,
  );
const start = (...args: string[]): Run => runCommand(door.url, token, args, folder);
/** Runs a command to its end while the hosts do what they are told. */
const run = async (...args: string[]): Promise<{ code: number; said: string }> => {
  const command = start(...args);
  await expect
    .poll(
      async () => {
        await agents.obey(() => outcome);
        return command.running();
      },
      { timeout: 60_000, interval: 50 },
    )
    .toBe(false);
  return { code: await command.ended, said: command.said() };
};

test('plan shows what a file would change, and fails with file, line and column where it cannot be read', async () => {
  write('1');
  const plan = await run('plan', 'shop');
  expect(plan.said).toMatch(/create web {2}0 → 2 replicas/);
  expect(plan.code).toBe(0);
  write('1', '    privilegd: true\n');
  const wrong = await run('plan', 'shop');
  expect(wrong.said).toMatch(/failed compose\.yaml:5:\d+ .*privilegd/);
  expect(wrong.code).toBe(1);
  expect((await run('ls')).said).toContain('No stacks yet');
}, 60_000);

test('apply waits until what it began has ended, over a console that goes and comes back', async () => {
  write('1');
  const command = start('apply', 'shop', '--wait');
  await expect.poll(command.said, { timeout: 20_000 }).toContain('Applied as version 1 of shop.');
  await door.cut();
  await door.open();
  await expect
    .poll(
      async () => {
        await agents.obey();
        return command.running();
      },
      { timeout: 60_000, interval: 50 },
    )
    .toBe(false);
  expect(await command.ended, command.said()).toBe(0);
  expect(command.said()).toContain('succeeded web');
}, 90_000);

test('ls names stacks, their services and the tasks of one', async () => {
  expect((await run('ls')).said).toMatch(/shop +\/ +healthy +2\/2 +1/);
  expect((await run('ls', 'shop')).said).toMatch(/web +healthy +2\/2 +1 /);
  const tasks = (await run('ls', 'shop/web')).said.split('\n').filter((row) => /^[12] +1 /.test(row));
  expect(tasks).toHaveLength(2);
  const unknown = await run('ls', 'shop/db');
  expect(unknown).toMatchObject({ code: 1, said: expect.stringContaining('it has web') });
}, 60_000);

test('--json gives programs what the API answers', async () => {
  const asked = async (...args: string[]) => JSON.parse((await run(...args, '--json')).said);
  expect(await asked('ls')).toMatchObject([{ name: 'shop', count: { ready: 2, wanted: 2 } }]);
  expect(await asked('ls', 'shop')).toMatchObject({ name: 'shop', serviceList: [{ name: 'web' }] });
  expect(await asked('ls', 'shop/web')).toMatchObject({ name: 'web', tasks: [{ slot: 1 }, { slot: 2 }] });
  expect(await asked('nodes')).toMatchObject([{ name: 'a' }, { name: 'b' }]);
  expect(await asked('plan', 'shop')).toMatchObject({ applicable: true, services: [{ name: 'web' }] });
}, 60_000);

test('what was typed wrongly is said in a sentence, before anything is asked of the console', async () => {
  const says = async (sentence: string, ...args: string[]) =>
    expect(await run(...args)).toEqual({ code: 1, said: expect.stringContaining(sentence) });
  await says('It must be a whole number from 0 on.', 'scale', 'shop/web', 'two');
  await says('It must be a whole number from 1 on.', 'undo', 'shop/web', '--to', '0');
  await says('It must be a whole number from 0 on.', 'logs', 'shop/web', '--tail', '1e9x');
  await says('none.yaml is not there: name another with --file.', 'apply', 'shop', '-f', 'none.yaml');
  await says(
    'none.env is not there: name another with --env-file.',
    'plan',
    'shop',
    '--env-file',
    'none.env',
  );
  await says('"shop/web/1" names no service', 'ls', 'shop/web/1');
}, 60_000);

test('scale, apply and undo change what runs, and say to what', async () => {
  expect((await run('scale', 'shop/web', '1')).said).toContain('is to have 1 replica,');
  write('2');
  expect(await run('apply', 'shop', '-w')).toMatchObject({ code: 0 });
  const undone = await run('undo', 'shop/web', '--wait');
  expect(undone).toMatchObject({ code: 0, said: expect.stringContaining('to revision 1') });
  expect(await run('undo', 'shop/web', '--to', '9')).toMatchObject({ code: 1 });
}, 90_000);

test('apply --wait fails when the rollout does', async () => {
  outcome = 'failed';
  write('2');
  const failed = await run('apply', 'shop', '--wait');
  outcome = 'ready';
  expect(failed.code, failed.said).toBe(1);
  expect(failed.said).toMatch(/(paused|failed|rolled back) web /);
}, 90_000);

test('rm removes a stack, and says where there is none', async () => {
  expect(await run('rm', 'shop')).toEqual({ code: 0, said: 'Removing shop.\n' });
  expect(await run('rm', 'nothing')).toMatchObject({
    code: 1,
    said: expect.stringContaining('no such stack'),
  });
}, 60_000);

test('audit verify checks the chain, against a place in it that was kept too, and fails where it does not hold', async () => {
  const verified = await run('audit', 'verify');
  expect(verified.code, verified.said).toBe(0);
  const [, kept = ''] = /Keep elsewhere: (\S+)/.exec(verified.said) ?? [];
  expect(await run('audit', 'verify', '--checkpoint', kept)).toMatchObject({ code: 0 });
  const beyond = await run('audit', 'verify', '--checkpoint', `99999:${'a'.repeat(64)}`);
  expect(beyond).toMatchObject({ code: 1, said: expect.stringContaining('was cut off.\ncut at 99999') });
  expect(await run('audit', 'verify', '--checkpoint', '7')).toMatchObject({ code: 1 });
}, 60_000);

test('audit export writes what matches into a file', async () => {
  const file = join(folder, 'audit.csv');
  expect(await run('audit', 'export', file, '--search', 'token')).toEqual({ code: 0, said: '' });
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect(lines[0]).toMatch(/^at,actor,/);
  expect(lines.slice(1).every((line) => line.includes('token'))).toBe(true);
  expect(lines.length).toBeGreaterThan(1);
}, 60_000);
