import type { Measured } from '../sides/measure.ts';
import { type Results, type Row, type Runs, rowOf, withEarlierRuns } from './results.ts';

type Value = (side: Measured['side'], name: string) => number | undefined;

const some = (value: number | undefined): number[] => (value === undefined ? [] : [value]);

/** What controls, in one figure: all processes of ours; of Swarm's manager what it has over a bare engine. */
const controlRow = (what: 'memory' | 'processor', tasks: string, unit: string, value: Value): Runs => {
  const ours = ['server', 'database', 'supervisor'].map(
    (part) => value('ours', `${what} of the ${part}, ${tasks}`) ?? 0,
  );
  const manager = value('swarm', `${what} of the manager, ${tasks}`);
  const bare = value('engine', `${what} of a host's engine and agent, ${tasks}`) ?? 0;
  return {
    name: `${what} of what controls, ${tasks}`,
    unit,
    ours: [ours.reduce((sum, one) => sum + one, 0)],
    swarm: manager === undefined ? [] : [Math.max(0, manager - bare)],
  };
};

/** The rows of one round, with the runs of earlier rounds before them. */
export const deployRows = (measured: readonly Measured[], earlier: Results | undefined): Row[] => {
  const value: Value = (side, name) =>
    measured.find((one) => one.side === side)?.taken.find((one) => one.name === name)?.value;
  const ours = measured.find(({ side }) => side === 'ours')?.taken ?? [];
  const single = ours.map(
    ({ name, unit, value: mine }): Runs => ({
      name,
      unit,
      ours: [mine],
      swarm: some(value('swarm', name)),
      engine: some(value('engine', name)),
    }),
  );
  const control = ['0 tasks', '60 tasks'].flatMap((tasks) => [
    controlRow('memory', tasks, 'MiB', value),
    controlRow('processor', tasks, '% of a core', value),
  ]);
  return withEarlierRuns([...single, ...control], earlier).map(rowOf);
};
