import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type Lab, type LabHost, startLab } from '../../../e2e/lab/lab.ts';
import { type Peer, startPeer } from './peer.ts';

const BUILD = fileURLToPath(new URL('../scripts/build.mjs', import.meta.url));
const FILE = fileURLToPath(new URL('../dist/portreeve-agent-linux-x64', import.meta.url));

let lab: Lab;
let host: LabHost;
let peer: Peer;

beforeAll(async () => {
  execFileSync(process.execPath, [BUILD], { stdio: 'ignore' });
  lab = await startLab({ hosts: 1, registry: false, id: `agentinst${process.pid}` });
  host = lab.hosts[0] as LabHost;
  peer = await startPeer({ host: lab.bridgeAddress });
});
afterAll(async () => {
  await peer?.close();
  await lab?.stop();
});

const agents = async (mode: string): Promise<string[]> => {
  const { stdout } = await host.exec(['pgrep', '-f', `^/usr/local/lib/portreeve/agent ${mode}`]);
  return stdout.trim().split('\n').filter(Boolean);
};
const join = () =>
  host.exec([FILE, 'join', '--server', peer.url, '--ca-sha256', peer.caSha256], { input: `${peer.token}\n` });
const install = () => host.exec([FILE, 'install']);

test('the one file joins, installs itself and runs, with no Node on the host; again changes nothing', async () => {
  expect(await join()).toMatchObject({ code: 0 });
  expect((await install()).code).toBe(0);
  await eventually(() => peer.hellos.length === 1, { timeout: 30_000 });
  const [supervisor] = await agents('supervise');
  expect((await install()).code).toBe(0);
  expect(await agents('supervise')).toEqual([supervisor]);
  expect(peer.hellos).toHaveLength(1);
});

test('a host that joins again is the new one at once, though its agent runs as the old one', async () => {
  const [supervisor] = await agents('supervise');
  const [before] = await agents('agent');
  expect(await join()).toMatchObject({ code: 0 });
  expect((await install()).code).toBe(0);
  await eventually(() => peer.hellos.length === 2, { timeout: 30_000 });
  expect(await agents('supervise')).toEqual([supervisor]);
  expect(await agents('agent')).not.toContain(before);
});

test('an agent that dies is started again, and all of it goes with its supervisor', async () => {
  const [agent] = await agents('agent');
  await host.exec(['kill', '-9', agent ?? '']);
  await eventually(() => peer.hellos.length === 3, { timeout: 30_000 });
  const [supervisor] = await agents('supervise');
  await host.exec(['kill', '-9', supervisor ?? '']);
  await eventually(async () => (await agents('agent')).length === 0, { timeout: 20_000 });
});

test('joining without a token or with a wrong one is refused in one sentence', async () => {
  const without = await host.exec([FILE, 'join', '--server', peer.url, '--ca-sha256', peer.caSha256], {
    input: '',
  });
  expect(without).toMatchObject({
    code: 1,
    stderr: 'The join token is read from standard input, and nothing came.\n',
  });
  const wrong = await host.exec([FILE, 'join', '--server', peer.url, '--ca-sha256', peer.caSha256], {
    input: 'x',
  });
  expect(wrong.stderr).toBe('The server refused this host: The token is not valid any more.\n');
});

test('S-46 the token is in no argument and no file of the agent', async () => {
  const found = await host.exec(['grep', '-rl', peer.token, '/var/lib/portreeve-agent', '/var/log']);
  expect(found.stdout).toBe('');
});
