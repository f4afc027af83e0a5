import type { Lab } from '../../e2e/lab/lab.ts';
import { footprintOf, type Taken } from '../measure/footprint.ts';
import { type Side, timed, type Wish } from './side.ts';
import { killOne, powerOff } from './watch.ts';

/** What one side took in one round. */
export type Measured = { side: Side['name']; taken: Taken[] };

/** Without a name nobody asks how long it took: it only leads to what comes next. */
type Step = {
  name?: string;
  /** A bare engine has nothing like it. */
  cluster?: true;
  run: (side: Side, lab: Lab) => Promise<void>;
};

const PLAIN = { health: false, network: false };
const CHECKED = { health: true, network: false };
const JOINED = { health: false, network: true };
const CONNECTED = { health: true, network: true };

const started =
  (wish: Wish): Step['run'] =>
  (side) =>
    side.start(wish);
const scaled =
  (replicas: number): Step['run'] =>
  async (side) =>
    side.scale?.(replicas);
const rolled =
  (order: 'start-first' | 'stop-first'): Step['run'] =>
  async (side) =>
    side.roll?.(order);
const removed: Step['run'] = (side) => side.remove();
const cleared: Step['run'] = async (side) => side.cleared?.();
const calm: Step['run'] = async (side) => side.calm?.();

const poweredOff: Step['run'] = async (side, lab) => {
  const [host, ...others] = lab.hosts.toReversed();
  if (host) await powerOff(host, others, side);
};

/** In order; each begins where the one before it ended. The first deploy of all is nobody's: it finds everything cold. */
const STEPS: Step[] = [
  { run: started({ ...JOINED, replicas: 30 }) },
  { run: removed },
  { run: cleared },
  { name: '30 tasks from the wish to all running', run: started({ ...PLAIN, replicas: 30 }) },
  { name: '30 tasks removed', run: removed },
  { run: cleared },
  { name: '30 tasks to all healthy', run: started({ ...CHECKED, replicas: 30 }) },
  { run: calm },
  { name: 'a killed task until its replacement runs', run: (side, lab) => killOne(lab.hosts, side) },
  { cluster: true, run: scaled(3) },
  { name: '3 → 30 to all healthy', cluster: true, run: scaled(30) },
  { run: removed },
  { run: cleared },
  { name: '30 tasks on a network from the wish to all running', run: started({ ...JOINED, replicas: 30 }) },
  { run: removed },
  { run: cleared },
  { name: '30 tasks on a network to all healthy', run: started({ ...CONNECTED, replicas: 30 }) },
  { cluster: true, run: scaled(12) },
  { name: '12 rolled on a network, start-first', cluster: true, run: rolled('start-first') },
  { name: '12 rolled on a network, stop-first', cluster: true, run: rolled('stop-first') },
  { cluster: true, run: scaled(30) },
  { name: '30 tasks on a network removed', run: removed },
  { run: cleared },
];

/** The last of all: a host is missing after it. */
const LOSS: Step[] = [
  { run: removed },
  { run: cleared },
  { cluster: true, run: started({ ...CHECKED, replicas: 30 }) },
  {
    name: 'a host powered off until its 10 tasks are healthy elsewhere',
    cluster: true,
    run: poweredOff,
  },
];

const taking = async (lab: Lab, side: Side, steps: readonly Step[]): Promise<Taken[]> => {
  const taken: Taken[] = [];
  for (const { name, cluster, run } of steps) {
    if (cluster && side.scale === undefined) continue;
    const value = await timed(() => run(side, lab));
    if (name === undefined) continue;
    console.log(`${side.name.padEnd(7)} ${name.padEnd(62)} ${value} ms`);
    taken.push({ name, unit: 'ms', value });
  }
  return taken;
};

/** Everything that is measured of a side, on hosts that are as new; they are not when it returns. */
export const measureSide = async (lab: Lab, side: Side): Promise<Measured> => {
  const none = await footprintOf(side, '0 tasks');
  const times = await taking(lab, side, STEPS);
  await side.start({ ...PLAIN, replicas: 60 });
  const many = await footprintOf(side, '60 tasks');
  const loss = await taking(lab, side, LOSS);
  for (const { name, unit, value } of [...none, ...many])
    console.log(`${side.name.padEnd(7)} ${name.padEnd(62)} ${value.toFixed(1)} ${unit}`);
  return { side: side.name, taken: [...times, ...loss, ...none, ...many] };
};
