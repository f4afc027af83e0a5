import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from '@playwright/test';
import { routes } from '@portreeve/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../apps/server/src/platform/db/test-database.ts';
import { dockerOf } from '../lab/docker.ts';
import { eventually } from '../lab/eventually.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { joinHosts } from './hosts.ts';
import { type Operator, PASSWORD, signIn } from './operator.ts';
import { type FrontDoor, type ServerProcess, startFrontDoor, startServer } from './two-servers.ts';

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'];
const ROOT = { query: { project: '/' } };
const SLOW = { timeout: 60_000 };
const TASKS = 4;

let lab: Lab;
let database: TestDatabase;
let folder: string;
let front: FrontDoor;
let browser: Browser;
const servers: Record<'a' | 'b', ServerProcess | undefined> = { a: undefined, b: undefined };
let operator: Operator;
let serviceId: string;
let agentPort: number;
let logPage: Page;
let terminalPage: Page;

const start = async (name: 'a' | 'b', agentPort?: number): Promise<ServerProcess> => {
  const where = { databaseUrl: database.url, folder, name, address: lab.bridgeAddress };
  const server = await startServer({ ...where, ...(agentPort && { agentPort }) });
  servers[name] = server;
  return server;
};
const kill = async (name: 'a' | 'b'): Promise<void> => {
  await servers[name]?.kill('SIGKILL');
  servers[name] = undefined;
};
/** The address of the server that leads. */
const leader = async (by: Operator): Promise<string | undefined> =>
  (await by.call(routes.settings.get, {})).servers.find((server) => server.leader)?.url;

/** To how many servers each agent would turn, as Prometheus reads it. */
const knownServers = async (server: ServerProcess): Promise<number[]> => {
  const token = readFileSync(join(folder, 'a', 'metrics-token'), 'utf8').trim();
  const { items } = await operator.call(routes.nodes.list, { query: {} });
  return Promise.all(
    items.map(async ({ id }) => {
      const headers = { authorization: `Bearer ${token}` };
      const text = await (await fetch(`${server.url}/metrics/nodes/${id}`, { headers })).text();
      return Number(/^portreeve_agent_servers\{.*\} (\d+)$/m.exec(text)?.[1] ?? 0);
    }),
  );
};

/** Every task counts aloud, so that a log shows whether it goes on and what it misses. */
const composeOf = (version: string): string => `services:
  web:
    image: ${lab.registry?.imageRef('client', 'latest')}
    command: ['sh', '-c', 'i=0; while :; do i=$$((i+1)); echo "tick $$i"; sleep 0.5; done']
    init: true
    stop_grace_period: 1s
    environment: { VERSION: '${version}' }
    deploy:
      replicas: ${TASKS}
      update_config: { parallelism: 1, delay: 3s, monitor: 1s, order: start-first }
`;
const apply = (version: string) =>
  operator.call(routes.stacks.apply, {
    params: { name: 'shop' },
    ...ROOT,
    body: { application: { files: { 'compose.yaml': composeOf(version) } } },
  });
const turned = async (): Promise<number> => {
  const { activeRollout } = await operator.call(routes.services.get, { params: { id: serviceId } });
  return activeRollout?.turned ?? 0;
};

const rowsOf = (page: Page): Promise<string[]> =>
  page.getByRole('log').locator('[data-index]').allTextContents();
const lastLine = async (page: Page): Promise<string | undefined> => (await rowsOf(page)).at(-1);
/** The newest number that each slot has said, as the page shows it. */
const ticks = async (page: Page): Promise<Map<string, number>> => {
  const found = new Map<string, number>();
  for (const row of await rowsOf(page))
    for (const [, slot = '', number] of row.matchAll(/web-(\d)tick (\d+)/g))
      found.set(slot, Math.max(found.get(slot) ?? 0, Number(number)));
  return found;
};
const least = async (page: Page): Promise<number> => {
  const found = await ticks(page);
  return found.size === TASKS ? Math.min(...found.values()) : -1;
};
/** The lines of the terminal. */
const screen = async (): Promise<string[]> => {
  const lines = await terminalPage.locator('.xterm-rows > div').allTextContents();
  return lines.map((line) => line.replaceAll('\u00a0', ' ').trim());
};
/** What VERSION the containers have, one entry each. */
const versions = async (): Promise<string[]> => {
  const perHost = await Promise.all(
    lab.hosts.map(async (host) => {
      const docker = dockerOf(host);
      const running = await docker.listContainers();
      return Promise.all(running.map(({ Id }) => docker.getContainer(Id).inspect()));
    }),
  );
  return perHost.flat().flatMap(({ Config }) => Config.Env.filter((one) => one.startsWith('VERSION=')));
};

beforeAll(async () => {
  lab = await startLab({ hosts: 2, id: `two${process.pid}` });
  database = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), 'portreeve-two-'));
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
  front = await startFrontDoor();
  const b = await start('b');
  operator = await signIn(b, b.firstPassword);
  // All agents are connected to the server that was there first.
  await joinHosts(operator, lab.hosts, lab.bridgeAddress);
  const body = { host: lab.registry?.address ?? '', plainHttp: true, allowPrivateAddress: true };
  await operator.call(routes.registries.create, { ...ROOT, body });
  await apply('1');
  await eventually(
    async () => {
      const { items } = await operator.call(routes.services.list, { query: {} });
      serviceId = items[0]?.id ?? '';
      return items[0]?.count.ready === TASKS;
    },
    { timeout: 90_000, what: 'four ready tasks' },
  );
  // The pages are at the other.
  front.leadTo(await start('a'));
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await front?.close();
  await Promise.all([servers.a?.kill('SIGTERM'), servers.b?.kill('SIGTERM')]);
  await database?.drop();
  if (folder) rmSync(folder, { recursive: true, force: true });
  await lab?.stop();
});

describe('two servers on one PostgreSQL', () => {
  it('show at one the log of tasks whose agents are connected to the other', async () => {
    const context = await browser.newContext();
    logPage = await context.newPage();
    await logPage.goto(front.url);
    await logPage.getByLabel('Name').fill('admin');
    await logPage.getByLabel('Password').fill(PASSWORD);
    await logPage.getByRole('button', { name: 'Sign in' }).click();
    await logPage.getByRole('link', { name: 'Stacks' }).first().waitFor(SLOW);
    await logPage.goto(`${front.url}/services/${serviceId}/logs`);
    const first = await eventually(async () => (await least(logPage)) > 0 && least(logPage), {
      ...SLOW,
      what: 'lines of every task',
    });
    await eventually(async () => (await least(logPage)) > first, { ...SLOW, what: 'lines that follow' });
  });

  it('carry a terminal from a page at one to an agent at the other', async () => {
    terminalPage = await logPage.context().newPage();
    await terminalPage.goto(`${front.url}/services/${serviceId}/terminal`);
    await terminalPage.getByRole('button', { name: 'Open', exact: true }).click();
    await terminalPage.locator('.xterm-rows').waitFor(SLOW);
    await eventually(
      async () => {
        await terminalPage.locator('.xterm-helper-textarea').pressSequentially('echo $((40 + 2))\n');
        return (await screen()).includes('42');
      },
      { ...SLOW, interval: 500, what: 'the answer of the shell' },
    );
  });

  it('of which the one that carries them is killed: the terminal says why it ended, the log resumes by itself', async () => {
    const before = await least(logPage);
    agentPort = Number(new URL(servers.a?.agentUrl ?? '').port);
    front.leadTo(servers.b as ServerProcess);
    await kill('a');
    await eventually(
      async () => (await screen()).some((line) => line.includes('connection to the console was lost')),
      {
        ...SLOW,
        what: 'the terminal to say why it ended',
      },
    );
    // More than was shown before, without a touch of the page.
    await eventually(async () => (await least(logPage)) > before + 4, { ...SLOW, what: 'the log to resume' });
  });

  it('of which the leader is killed during a rollout: it goes on under the other', async () => {
    const a = await start('a', agentPort);
    const b = servers.b as ServerProcess;
    await eventually(async () => (await knownServers(a)).every((count) => count === 2), {
      ...SLOW,
      what: 'every agent to know both servers',
    });
    expect(await leader(operator)).toBe(b.url);
    await apply('2');
    await eventually(async () => (await turned()) > 0, {
      ...SLOW,
      what: 'the first task to be turned',
    });
    front.leadTo(a);
    await kill('b');
    const other = await signIn(a, PASSWORD);
    await eventually(async () => (await leader(other)) === a.url, { ...SLOW, what: 'the other to lead' });
    await eventually(
      async () => {
        const { items } = await other.call(routes.services.rollouts, {
          params: { id: serviceId },
          query: {},
        });
        return items[0]?.state === 'succeeded';
      },
      { timeout: 90_000, what: 'the rollout to succeed' },
    );
    const all = Array.from({ length: TASKS }, () => 'VERSION=2');
    await eventually(async () => (await versions()).join() === all.join(), {
      ...SLOW,
      what: 'each task to be turned, and none doubled',
    });
    await eventually(
      async () => {
        const { items } = await other.call(routes.nodes.list, { query: {} });
        return items.every(({ state, agentConnected }) => state === 'ready' && agentConnected);
      },
      { ...SLOW, what: 'every agent to be at the other' },
    );
    const seen = await lastLine(logPage);
    await eventually(async () => (await lastLine(logPage)) !== seen, { ...SLOW, what: 'the log to go on' });
  });
});
