import { setTimeout as pause } from 'node:timers/promises';
import type { Footprint, Side } from '../sides/side.ts';
import { cpuOver, proportionalMiB, residentMiB } from './processes.ts';

const SETTLE_MS = 4_000;
const OVER_MS = 10_000;

/** What a side takes while nothing is asked of it: MiB, and percent of one core. */
export type Taken = { name: string; unit: string; value: number };

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => sum(values) / Math.max(1, values.length);

/** The engine by what `ps` says, since hosts of the lab share its file; what is beside it by its share. */
const hostMiB = ({ engine, beside }: Footprint['hosts'][number]): number =>
  sum(engine.slice(0, 1).map(residentMiB)) + sum(beside.map(proportionalMiB));

const memoryOf = (print: Footprint, tasks: string): Taken[] => {
  const agents = print.hosts.map(({ beside }) => sum(beside.map(proportionalMiB)));
  const control = Object.entries(print.control).map(
    ([name, pids]) =>
      // The manager is an engine like the others.
      [name, name === 'manager' ? residentMiB(pids[0] ?? 0) : sum(pids.map(proportionalMiB))] as const,
  );
  return [
    { name: `memory of a host's engine and agent, ${tasks}`, value: mean(print.hosts.map(hostMiB)) },
    ...(sum(agents) > 0 ? [{ name: `memory of the agent alone, ${tasks}`, value: mean(agents) }] : []),
    ...control.map(([name, value]) => ({ name: `memory of the ${name}, ${tasks}`, value })),
  ].map((one) => ({ ...one, unit: 'MiB' }));
};

const cpuOf = async (print: Footprint, tasks: string): Promise<Taken[]> => {
  const names = Object.keys(print.control);
  const values = await cpuOver(
    [
      ...print.hosts.map(({ engine, beside }) => [...engine, ...beside]),
      ...print.hosts.map(({ beside }) => beside),
      ...Object.values(print.control),
    ],
    OVER_MS,
  );
  const count = print.hosts.length;
  const agents = print.hosts.some(({ beside }) => beside.length > 0);
  return [
    { name: `processor of a host's engine and agent, ${tasks}`, value: mean(values.slice(0, count)) },
    ...(agents
      ? [{ name: `processor of the agent alone, ${tasks}`, value: mean(values.slice(count, 2 * count)) }]
      : []),
    ...names.map((name, i) => ({
      name: `processor of the ${name}, ${tasks}`,
      value: values[2 * count + i] ?? 0,
    })),
  ].map((one) => ({ ...one, unit: '% of a core' }));
};

/** Memory and processor time of a side at rest. */
export const footprintOf = async (side: Side, tasks: string): Promise<Taken[]> => {
  await pause(SETTLE_MS);
  const print = await side.footprint();
  const cpu = await cpuOf(print, tasks);
  return [...memoryOf(print, tasks), ...cpu];
};
