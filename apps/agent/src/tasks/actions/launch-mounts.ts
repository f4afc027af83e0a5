import { mkdir } from 'node:fs/promises';
import type { AssignedTask } from '@portreeve/agent-protocol';
import { DomainError, disguiseOf } from '@portreeve/domain';
import type { Container, VolumeInspectInfo } from 'dockerode';
import { timed } from '../../engine/call.ts';
import { anonymousVolume } from '../../engine/mounts.ts';
import { allowedSource } from '../../engine/mounts-source.ts';
import { LABEL } from '../../engine/seen.ts';
import type { TaskContext } from '../context.ts';

/** The task with every bind's source resolved, so that the engine mounts what was judged and follows no link. */
export const withRealSources = async (context: TaskContext, task: AssignedTask): Promise<AssignedTask> => {
  const mounts = await Promise.all(
    task.spec.mounts.map(async (mount) =>
      mount.kind === 'bind'
        ? { ...mount, source: await allowedSource(mount.source, context.guarded) }
        : mount,
    ),
  );
  return { ...task, spec: { ...task.spec, mounts } };
};

/** Asked right before a start: what a container of the folder made into a link since its own was created is refused. */
export const requireSameSources = async (
  context: TaskContext,
  container: Container,
  task: AssignedTask,
): Promise<void> => {
  const { spec } = await withRealSources(context, task);
  const binds = spec.mounts.filter((mount) => mount.kind === 'bind');
  if (binds.length === 0) return;
  const { HostConfig, Mounts } = await container.inspect();
  // Engines differ in which of the two lists they fill before a start.
  const present = new Set([
    ...Mounts.map(({ Destination, Source }) => `${Destination} ${Source}`),
    ...(HostConfig.Mounts ?? []).map(({ Target, Source }) => `${Target} ${Source}`),
  ]);
  const moved = binds.find(({ source, target }) => !present.has(`${target} ${source}`));
  if (moved)
    throw new DomainError(
      'conflict.state',
      `the path behind ${moved.target} leads to ${moved.source} since the container was made`,
    );
};

/** Makes the folders of the host that a task mounts, where they are not there. */
export const ensureHostPaths = async (task: AssignedTask): Promise<void> => {
  for (const mount of task.spec.mounts)
    if (mount.kind === 'bind' && mount.createHostPath)
      await mkdir(mount.source, { recursive: true }).catch(() => undefined);
};

type Wanted = AssignedTask['volumes'][number] | undefined;

/** A volume that was there before may be a folder of the host in disguise; only what the assignment says of it holds. */
const requireAsAssigned = async (
  context: TaskContext,
  wanted: Wanted,
  present: VolumeInspectInfo,
): Promise<void> => {
  const is = disguiseOf(present.Driver, present.Options ?? {});
  if (!is) return;
  const said = wanted && disguiseOf(wanted.driver, wanted.driverOptions);
  if (is.kind === 'bind' && said?.kind === 'bind' && said.source === is.source) {
    await allowedSource(is.source, context.guarded);
    return;
  }
  throw new DomainError(
    'permission.missing',
    `this host does not mount the volume ${present.Name}: it is ${is.kind === 'bind' ? `a bind of ${is.source}` : is.what} in disguise, which its service was not allowed`,
  );
};

/** Makes the volumes of a task that are not there, and looks at those that are. */
export const ensureVolumes = async (context: TaskContext, task: AssignedTask): Promise<void> => {
  const named = task.volumes.map((volume) => ({
    wanted: volume,
    make: {
      Name: volume.engineName,
      Driver: volume.driver,
      DriverOpts: volume.driverOptions,
      Labels: { 'io.portreeve.volume': volume.volumeId, [LABEL.cluster]: context.node.clusterId },
    },
  }));
  const anonymous = task.spec.mounts.flatMap((mount, index) =>
    mount.kind === 'volume' && mount.source === undefined
      ? [
          {
            wanted: undefined,
            make: { Name: anonymousVolume(task.taskId, index), Labels: { [LABEL.task]: task.taskId } },
          },
        ]
      : [],
  );
  await Promise.all(
    [...named, ...anonymous].map(async ({ wanted, make }) => {
      const call = { what: `ensure volume ${make.Name}`, taskId: task.taskId, quiet: true };
      const volume = await timed(context.record, call, () => context.engine().docker.createVolume(make));
      await requireAsAssigned(context, wanted, await volume.inspect());
    }),
  );
};
