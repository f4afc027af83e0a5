import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dockerOf } from '../../../../e2e/lab/docker.ts';
import { eventually, type Lab, type LabHost, startLab } from '../../../../e2e/lab/lab.ts';
import { type Client, startTestServer, type TestServer } from '../test-server.ts';

/** A host whose first process is systemd, as most hosts' is. */
const UNIT = '/etc/systemd/system/portreeve-agent.service';
const MODES = ['agent', 'names'] as const;

/** What other hosts of this machine share with it: controllers of systemd's own there break their engines. */
const hierarchies = (): string[] => readdirSync('/sys/fs/cgroup').sort();
const sharedBefore = hierarchies();

let lab: Lab;
let host: LabHost;
let server: TestServer;
let admin: Client;
beforeAll(async () => {
  lab = await startLab({ hosts: 1, id: `systemd${process.pid}`, init: 'systemd' });
  host = lab.host('node-1');
  server = await startTestServer((options) => ({
    ...options,
    agents: { host: lab.bridgeAddress, port: 0, addresses: [lab.bridgeAddress] },
  }));
  admin = await server.administrator();
});
afterAll(async () => {
  await server?.close();
  await lab?.stop();
});

const shell = async (command: string): Promise<string> => (await host.exec(['sh', '-c', command])).stdout;
const shown = async (mode: string, property: string): Promise<string> =>
  (await shell(`systemctl show --value -p ${property} portreeve-${mode}`)).trim();
const pids = () => Promise.all(MODES.map((mode) => shown(mode, 'MainPID')));
const isReady = async (): Promise<boolean> => {
  const { items } = (await admin.call('GET', '/nodes')).json as { items: { state: string }[] };
  return items.length === 1 && items[0]?.state === 'ready';
};
const ready = () => eventually(isReady, { timeout: 60_000, what: 'the node to be ready' });
/** Each container of a task with when it began: the same text, the same containers, and none started anew. */
const begun = async (): Promise<string[]> => {
  const docker = dockerOf(host);
  const found = await docker.listContainers({ filters: { label: ['io.portreeve.task'] } });
  const all = await Promise.all(found.map(({ Id }) => docker.getContainer(Id).inspect()));
  return all.map(({ Id, State }) => `${Id} ${State.StartedAt}`).sort();
};

test('a host that systemd runs adds nothing to what all hosts share', () => {
  expect(hierarchies()).toEqual(sharedBefore);
});

test('the pasted command makes units that run now and at every boot, and writes to the journal', async () => {
  const { command } = (await admin.call('POST', '/join-tokens', { description: 'one' })).json as {
    command: string;
  };
  const joined = await host.exec(['sh'], { input: command, timeoutMs: 60_000 });
  expect(joined).toMatchObject({ code: 0, stdout: expect.stringContaining('systemctl status') });
  await ready();
  for (const mode of MODES) {
    expect(await shell(`systemctl is-enabled portreeve-${mode}`)).toBe('enabled\n');
    expect(await shell(`systemctl is-active portreeve-${mode}`)).toBe('active\n');
  }
  expect(await shell('pgrep -f "^/usr/local/lib/portreeve/agent supervise"')).toBe('');
  expect((await host.exec(['systemd-analyze', 'verify', UNIT])).stderr).not.toContain('portreeve');
  expect(await shell('journalctl -u portreeve-agent -o cat')).toContain('"connected"');
});

test('stopping or killing one of the two stops no other, and no container', async () => {
  const registry = lab.registry?.address ?? '';
  await admin.call('POST', '/registries?project=/', {
    ...{ host: registry, plainHttp: true, allowPrivateAddress: true },
  });
  const compose = `services:\n  web:\n    image: ${registry}/web:good\n    deploy: { replicas: 2 }\n`;
  const application = { files: { 'compose.yaml': compose }, entry: 'compose.yaml' };
  const applied = await admin.call('PUT', '/stacks/shop?project=/', { application });
  expect(applied.status, applied.text).toBe(200);
  await eventually(async () => (await begun()).length === 2, { timeout: 60_000, what: 'two containers' });
  const before = await begun();
  const [agent, names] = await pids();
  await host.exec(['systemctl', 'restart', 'portreeve-agent']);
  await host.exec(['systemctl', 'kill', '-s', 'KILL', 'portreeve-agent']);
  await eventually(async () => !['0', agent].includes(await shown('agent', 'MainPID')), { timeout: 20_000 });
  expect(await shown('names', 'MainPID')).toBe(names);
  await ready();
  expect(await begun()).toEqual(before);
});

test('installing again changes nothing, and where the unit was another one it is replaced and followed', async () => {
  const install = () => host.exec(['/usr/local/lib/portreeve/agent', 'install']);
  const [before, unit] = [await pids(), await host.readFile(UNIT)];
  expect((await install()).code).toBe(0);
  expect(await pids()).toEqual(before);
  await host.writeFile(UNIT, unit.replace('RestartSec=1\n', ''));
  expect((await install()).code).toBe(0);
  expect(await host.readFile(UNIT)).toBe(unit);
  expect(await shown('agent', 'NeedDaemonReload')).toBe('no');
  expect(await shown('agent', 'RestartUSec')).toBe('1s');
  const [agent, names] = await pids();
  expect(agent).not.toBe(before[0]);
  expect(names).toBe(before[1]);
  await ready();
});

test('F-11 after a power cut the units start by themselves, and with them the tasks', async () => {
  await host.reboot();
  await eventually(async () => (await begun()).length === 2, { timeout: 60_000, what: 'two containers' });
  await ready();
  for (const mode of MODES) expect(await shell(`systemctl is-active portreeve-${mode}`)).toBe('active\n');
});
