import type { Lab } from '../../e2e/lab/lab.ts';
import { footprintOf, type Taken } from '../measure/footprint.ts';
import { type Side, timed } from './side.ts';
import { killOne, powerOff } from './watch.ts';

/** What one side took in one round. */
export type Measured = { side: Side['name']; taken: Taken[] };

/** Without a name nobody asks how long it took: it only leads to what comes next. */
type Step = { name?: string; run: (side: Side, lab: Lab) => Promise<void> };

const PLAIN = { health: false, network: false };
const CHECKED = { health: true, network: false };
const CONNECTED = { health: true, network: true };

const scaled =
  (replicas: number): Step['run'] =>
  async (side) =>
    side.scale?.(replicas);
const removed: Step['run'] = (side) => side.remove();

/** In order; each begins where the one before it ended. */
const BEFORE: Step[] = [
  { name: '30 tasks from the wish to all running', run: (side) => side.start({ ...PLAIN, replicas: 30 }) },
  { name: '30 tasks removed', run: removed },
  { name: '30 tasks to all healthy', run: (side) => side.start({ ...CHECKED, replicas: 30 }) },
  { name: 'a killed task until its replacement runs', run: (side, lab) => killOne(lab.hosts, side) },
  { run: scaled(3) },
  { name: '3 → 30 to all healthy', run: scaled(30) },
  { run: removed },
];

/** What a bare engine has nothing like. */
const CLUSTER: Step[] = [
  {
    name: '30 tasks on a network across hosts to all healthy',
    run: (side) => side.start({ ...CONNECTED, replicas: 30 }),
  },
  { run: scaled(12) },
  {
    name: '12 rolled on a network across hosts, start-first',
    run: async (side) => side.roll?.('start-first'),
  },
  { name: '12 rolled on a network across hosts, stop-first', run: async (side) => side.roll?.('stop-first') },
  { run: scaled(30) },
  { name: '30 tasks on a network across hosts removed', run: removed },
  { run: (side) => side.start({ ...CHECKED, replicas: 30 }) },
  {
    name: 'a host powered off until its 10 tasks are healthy elsewhere',
    run: async (side, lab) => {
      const [host, ...others] = lab.hosts.toReversed();
      if (host) await powerOff(host, others, side);
    },
  },
];

const taking = async (lab: Lab, side: Side, steps: readonly Step[]): Promise<Taken[]> => {
  const taken: Taken[] = [];
  for (const { name, run } of steps) {
    const value = await timed(() => run(side, lab));
    if (run === removed) await side.cleared?.();
    if (name === undefined) continue;
    console.log(`${side.name.padEnd(7)} ${name.padEnd(62)} ${value} ms`);
    taken.push({ name, unit: 'ms', value });
  }
  return taken;
};

/** Everything that is measured of a side, on hosts that are as new; they are not when it returns. */
export const measureSide = async (lab: Lab, side: Side): Promise<Measured> => {
  const cluster = side.scale !== undefined;
  const at = async (tasks: number): Promise<Taken[]> => footprintOf(side, `${tasks} tasks`);
  const none = await at(0);
  const before = await taking(
    lab,
    side,
    BEFORE.filter(({ name }) => cluster || name !== '3 → 30 to all healthy'),
  );
  await side.start({ ...PLAIN, replicas: 60 });
  const many = await at(60);
  await side.remove();
  await side.cleared?.();
  const after = cluster ? await taking(lab, side, CLUSTER) : [];
  for (const { name, unit, value } of [...none, ...many])
    console.log(`${side.name.padEnd(7)} ${name.padEnd(62)} ${value.toFixed(1)} ${unit}`);
  return { side: side.name, taken: [...before, ...after, ...none, ...many] };
};
