import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type Lab, type LabHost, startLab } from '../../../../e2e/lab/lab.ts';
import { openBrowserSocket } from '../live/test-socket.ts';
import { type Client, startTestServer, type TestServer } from '../test-server.ts';

/** Real hosts with real engines and the agent as hosts get it: by the pasted command, from the server. */
let lab: Lab;
let server: TestServer;
let admin: Client;
beforeAll(async () => {
  lab = await startLab({ hosts: 3, id: `hosts${process.pid}` });
  server = await startTestServer((options) => ({
    ...options,
    agents: { host: lab.bridgeAddress, port: 0, addresses: [lab.bridgeAddress] },
  }));
  admin = await server.administrator();
  await Promise.all(lab.hosts.map(joinHost));
});
afterAll(async () => {
  await server?.close();
  await lab?.stop();
});

type Node = { id: string; name: string; state: string; why: string; address: string };
type Task = {
  id: string;
  slot: number;
  ready: boolean;
  state: string;
  health: string;
  reason: string;
  node: { name: string } | null;
};

const joinHost = async (host: LabHost): Promise<void> => {
  const answer = await admin.call('POST', '/join-tokens', { description: host.name });
  const { command } = answer.json as { command: string };
  const joined = await host.exec(['sh'], { input: command });
  if (joined.code !== 0) throw new Error(`${host.name} did not join: ${joined.stdout} ${joined.stderr}`);
};
const nodes = async (): Promise<Node[]> =>
  ((await admin.call('GET', '/nodes')).json as { items: Node[] }).items;
const nodeOf = async (host: LabHost): Promise<Node | undefined> =>
  (await nodes()).find(({ address }) => address === host.address);
const tasks = async (): Promise<Task[]> => {
  const { items } = (await admin.call('GET', '/services')).json as { items: { id: string }[] };
  const [service] = items;
  if (!service) return [];
  const page = (await admin.call('GET', `/services/${service.id}/tasks?limit=500`)).json as { items: Task[] };
  return page.items;
};
const readyElsewhere = async (gone: string | undefined, wanted: number): Promise<boolean> => {
  const ready = (await tasks()).filter(
    (task) => task.ready && task.health === 'ready' && task.node?.name !== gone,
  );
  return ready.length === wanted;
};

test('hosts join by the pasted command and are used', { timeout: 90_000 }, async () => {
  await eventually(async () => (await nodes()).filter(({ state }) => state === 'ready').length === 3, {
    timeout: 60_000,
    what: 'three ready nodes',
  });
  expect((await nodes()).map(({ why }) => why)).toEqual(['', '', '']);
});

test('an application is deployed on them', { timeout: 120_000 }, async () => {
  const registry = lab.registry?.address ?? '';
  const added = await admin.call('POST', '/registries?project=/', {
    host: registry,
    plainHttp: true,
    allowPrivateAddress: true,
  });
  expect(added.status, added.text).toBe(200);
  const compose = `services:\n  web:\n    image: ${registry}/web:good\n    deploy: { replicas: 6 }\n`;
  const application = { files: { 'compose.yaml': compose }, entry: 'compose.yaml' };
  const applied = await admin.call('PUT', '/stacks/shop?project=/', { application });
  expect(applied.status, applied.text).toBe(200);
  await eventually(() => readyElsewhere(undefined, 6), { timeout: 60_000, what: 'six ready tasks' });
  expect(new Set((await tasks()).map(({ node }) => node?.name)).size).toBe(3);
});

test('the logs of every task are read in one stream', { timeout: 60_000 }, async () => {
  const { items } = (await admin.call('GET', '/services')).json as { items: { id: string }[] };
  const page = await openBrowserSocket(server.server.consoleUrl, admin, { namespace: '/streams' });
  const slots = new Set<number>();
  page.on('lines', ({ lines }: { lines: { slot: number }[] }) => {
    for (const { slot } of lines) slots.add(slot);
  });
  const request = { kind: 'logs', serviceId: items[0]?.id, follow: false };
  expect(await page.timeout(20_000).emitWithAck('open', request)).toMatchObject({ ok: true });
  await eventually(() => slots.size === 6, { timeout: 30_000, what: 'lines of six tasks' });
  page.close();
});

test('a terminal runs in the container of a task on another host', { timeout: 60_000 }, async () => {
  const [task] = await tasks();
  const page = await openBrowserSocket(server.server.consoleUrl, admin, { namespace: '/streams' });
  let shown = '';
  page.on('bytes', ({ bytes }: { bytes: Buffer }) => {
    shown += bytes.toString();
  });
  const request = { kind: 'terminal', taskId: task?.id, columns: 80, rows: 24 };
  const { ok, streamId } = await page.timeout(20_000).emitWithAck('open', request);
  expect(ok).toBe(true);
  page.emit('input', { streamId, bytes: Buffer.from('echo $((40 + 2))\n') });
  await eventually(() => shown.includes('42'), { timeout: 20_000, what: 'the answer of the shell' });
  page.close();
});

test('F-11 a host that loses its power is noticed, and its tasks run elsewhere once its lease is over', {
  timeout: 120_000,
}, async () => {
  const [victim] = lab.hosts as [LabHost];
  const name = (await nodeOf(victim))?.name;
  await victim.kill();
  const since = Date.now();
  await eventually(() => readyElsewhere(name, 6), {
    timeout: 60_000,
    interval: 100,
    what: 'six ready tasks elsewhere',
  });
  process.stdout.write(`tasks of a dead host ran elsewhere after ${Date.now() - since} ms\n`);
  expect((await nodeOf(victim))?.state).toBe('lost');
});

test('F-11 a host that returns is reconciled first and then used, and runs no task twice', {
  timeout: 120_000,
}, async () => {
  const [victim] = lab.hosts as [LabHost];
  await victim.boot();
  // No systemd runs in the lab: the agent is started as the host's own init would.
  const started = await victim.exec(['/usr/local/lib/portreeve/agent', 'install']);
  expect(started.code, started.stderr).toBe(0);
  await eventually(async () => (await nodeOf(victim))?.state === 'ready', {
    timeout: 60_000,
    what: 'the node to be ready',
  });
  const listed = await victim.exec(['docker', 'ps', '-q', '--filter', 'label=io.portreeve.task']);
  expect(listed.stdout.trim()).toBe('');
  expect(await readyElsewhere(undefined, 6)).toBe(true);
});

test('a followed log goes on after the agent was killed, with no line twice and none lost', {
  timeout: 120_000,
}, async () => {
  const compose = `services:
  ticker:
    image: ${lab.registry?.imageRef('client', 'latest')}
    command: ['sh', '-c', 'i=0; while :; do i=$$((i+1)); echo $$i; sleep 0.1; done']
    init: true
    stop_grace_period: 1s
`;
  const application = { files: { 'compose.yaml': compose }, entry: 'compose.yaml' };
  const applied = await admin.call('PUT', '/stacks/ticker?project=/', { application });
  expect(applied.status, applied.text).toBe(200);
  const { services } = applied.json as { services: { id: string }[] };
  const page = await openBrowserSocket(server.server.consoleUrl, admin, { namespace: '/streams' });
  const said: string[] = [];
  page.on('lines', (message: { streamId: string; lines: { stream: string; text: string }[] }) => {
    said.push(...message.lines.filter(({ stream }) => stream === 'stdout').map(({ text }) => text));
    page.emit('consumed', { streamId: message.streamId, bytes: 100_000 });
  });
  const request = { kind: 'logs', serviceId: services[0]?.id, follow: true, tail: 10_000 };
  expect(await page.timeout(20_000).emitWithAck('open', request)).toMatchObject({ ok: true });
  await eventually(() => said.length > 10, { timeout: 30_000, what: 'the first lines' });
  const killed = await Promise.all(
    lab.hosts.map((host) =>
      host.exec(['sh', '-c', "kill -9 $(pgrep -f '^/usr/local/lib/portreeve/agent agent ')"]),
    ),
  );
  expect(killed.map(({ code }) => code)).toEqual([0, 0, 0]);
  const before = said.length;
  await eventually(() => said.length > before + 100, { timeout: 60_000, what: 'the log to go on' });
  expect(said).toEqual(said.map((_, index) => `${index + 1}`));
  page.close();
});
