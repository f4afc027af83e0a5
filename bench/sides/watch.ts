import { dockerOf } from '../../e2e/lab/docker.ts';
import { eventually, type LabHost } from '../../e2e/lab/lab.ts';
import { containersWith, type Side, WAIT } from './side.ts';

const RUNNING = { status: ['running'] };
const HEALTHY = { status: ['running'], health: ['healthy'] };

const pidOf = async (host: LabHost, containerId: string): Promise<number> =>
  (await dockerOf(host).getContainer(containerId).inspect()).State.Pid;

/** Kills one task's first process from outside and returns when as many containers run as before, none of them that one. */
export const killOne = async (hosts: readonly LabHost[], side: Side): Promise<void> => {
  const before = await containersWith(hosts, side.label, RUNNING);
  const [victim] = before;
  if (!victim) throw new Error('nothing runs that could be killed');
  const pid = await pidOf(victim.host, victim.id);
  await victim.host.exec(['kill', '-9', `${pid}`]);
  await eventually(
    async () => {
      const now = await containersWith(hosts, side.label, RUNNING);
      if (now.length !== before.length) return false;
      const same = now.find(({ id }) => id === victim.id);
      return same === undefined || ![0, pid].includes(await pidOf(same.host, same.id));
    },
    { ...WAIT, interval: 20, what: 'the replacement of a killed task' },
  );
};

/** Cuts a host's power and returns when all tasks are healthy on the others. */
export const powerOff = async (host: LabHost, others: readonly LabHost[], side: Side): Promise<void> => {
  const wanted = (await containersWith([host, ...others], side.label, RUNNING)).length;
  await host.kill();
  await eventually(async () => (await containersWith(others, side.label, HEALTHY)).length === wanted, {
    ...WAIT,
    what: 'the tasks of a lost host elsewhere',
  });
};
