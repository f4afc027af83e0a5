import { setTimeout as pause } from 'node:timers/promises';
import { routes } from '@portreeve/contract';
import { type Operator, signIn } from '../../e2e/console/operator.ts';
import { type Product, startProduct } from '../../e2e/console/product.ts';
import { eventually } from '../../e2e/lab/eventually.ts';
import type { Lab } from '../../e2e/lab/lab.ts';
import { residentMiB, startCpuMeter } from '../measure/processes.ts';
import type { Runs } from '../report/results.ts';
import { openDatabase } from './database.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { startProber } from './prober.ts';
import { deployStacks, TASKS_PER_HOST } from './stacks.ts';

const SETTLE_MS = 20_000;
const REST_MS = 20_000;
const PROBE_MS = 5_000;
const LONGEST_MS = 15 * 60_000;

type Server = {
  hosts: number;
  operator: Operator;
  database: Awaited<ReturnType<typeof openDatabase>>;
  serverPid: number;
  row: (name: string, unit: string, value: number) => void;
};
type World = Server & { fleet: Fleet };
type Seen = Awaited<ReturnType<Server['database']['seen']>>;

/** Does something while pages are looked at, and says how long it took, for whom, and what the server needed for it. */
const underLook = async <T>(
  world: Server,
  name: string,
  work: () => Promise<T>,
  timed = true,
): Promise<T> => {
  const stopProbing = startProber(world.operator);
  const serverCpu = startCpuMeter([world.serverPid]);
  const began = performance.now();
  const result = await work();
  const ms = performance.now() - began;
  if (timed) world.row(name, 'ms', ms);
  const cpu = serverCpu();
  const { p50, p99 } = await stopProbing();
  world.row(`${name}: the server's processor time`, '% of a core', cpu);
  world.row(`${name}: half of the API's answers within`, 'ms', p50);
  world.row(`${name}: 99 of 100 of the API's answers within`, 'ms', p99);
  return result;
};

const until = (world: Server, what: string, holds: (seen: Seen) => boolean): Promise<true> =>
  eventually(async () => holds(await world.database.seen()), { timeout: LONGEST_MS, interval: 250, what });

/** Nobody looks and nothing is asked: what goes on all the same. */
const atRest = async (world: World, when: string): Promise<void> => {
  await pause(SETTLE_MS);
  const writes = await world.database.startWriteMeter();
  const serverCpu = startCpuMeter([world.serverPid]);
  const fleetCpu = startCpuMeter(world.fleet.pids);
  await pause(REST_MS);
  const { commits, rows, walKiB } = await writes();
  world.row(`at rest, ${when}: rows written`, 'per second', rows);
  world.row(`at rest, ${when}: write-ahead log`, 'KiB per second', walKiB);
  world.row(`at rest, ${when}: transactions, reading ones too`, 'per second', commits);
  world.row(`at rest, ${when}: the server's processor time`, '% of a core', serverCpu());
  world.row(`at rest, ${when}: the simulated agents' processor time`, '% of a core', fleetCpu());
  world.row(`at rest, ${when}: the server's resident memory`, 'MiB', residentMiB(world.serverPid));
  await underLook(world, `being looked at, ${when}`, () => pause(PROBE_MS), false);
};

const measure = async (world: World, image: string): Promise<void> => {
  const { hosts } = world;
  const all = hosts * TASKS_PER_HOST;
  await atRest(world, 'no tasks');
  await underLook(world, `${TASKS_PER_HOST} tasks for each, until all are ready`, async () => {
    await deployStacks(world.operator, hosts, image);
    await until(world, `${all} ready tasks`, ({ ready }) => ready === all);
  });
  await atRest(world, `${TASKS_PER_HOST} tasks each`);
  await underLook(world, 'a tenth lost at once, until its tasks are ready elsewhere', async () => {
    world.fleet.loseTenth();
    await until(world, 'the tasks of the lost tenth', ({ lost, ready }) => lost > 0 && ready === all);
  });
};

const prepare = async (product: Product, lab: Lab): Promise<Operator> => {
  const operator = await signIn(product, product.firstPassword ?? '');
  await operator.call(routes.registries.create, {
    query: { project: '/' },
    body: { host: lab.registry?.address ?? '', plainHttp: true, allowPrivateAddress: true },
  });
  return operator;
};

/** One size of fleet against a server and a database that are new. */
export const measureFleet = async (lab: Lab, hosts: number): Promise<Runs[]> => {
  const rows: Runs[] = [];
  const row: Server['row'] = (name, unit, value) => {
    const shown = unit === 'ms' ? `${Math.round(value)} ms` : `${value.toFixed(2)} ${unit}`;
    console.log(`${String(hosts).padStart(5)} agents  ${name.padEnd(86)} ${shown}`);
    rows.push({ name: `${hosts} agents: ${name}`, unit, ours: [value] });
  };
  const product = await startProduct({ address: lab.bridgeAddress, env: { PORTREEVE_WEB: 'none' } });
  const ends: (() => unknown)[] = [product.stop];
  try {
    const operator = await prepare(product, lab);
    const database = await openDatabase(product.data);
    ends.push(database.close);
    const server: Server = { hosts, operator, database, serverPid: await product.serverPid(), row };
    const fleet = await underLook(server, 'all joined and ready', async () => {
      const started = await startFleet(operator, hosts, product.agentUrl);
      ends.push(started.end);
      await until(server, `${hosts} nodes`, ({ nodes }) => nodes === hosts);
      return started;
    });
    await measure({ ...server, fleet }, lab.registry?.imageRef('web', 'good') ?? '');
    return rows;
  } finally {
    for (const end of ends.toReversed()) await end();
  }
};
