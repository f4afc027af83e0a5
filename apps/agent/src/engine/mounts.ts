import type { AssignedTask } from '@portreeve/agent-protocol';
import type { MountSpec } from '@portreeve/domain';
import type { MountSettings } from 'dockerode';

/** A config's or secret's content on the host's memory file system, and where the container sees it. */
export type TaskFile = { hostPath: string; target: string };

/** Anonymous volumes are named by their task: they live over its attempts and end with it. */
export const anonymousVolume = (taskId: string, index: number): string => `pr-anon-${taskId}-${index}`;

const volumeName = (
  task: AssignedTask,
  mount: Extract<MountSpec, { kind: 'volume' }>,
  index: number,
): string => {
  if (mount.source === undefined) return anonymousVolume(task.taskId, index);
  const volume = task.volumes.find((one) => one.source === mount.source);
  if (!volume) throw new Error(`the assignment names no volume for "${mount.source}"`);
  return volume.engineName;
};

const mountOf = (task: AssignedTask, mount: MountSpec, index: number): MountSettings => {
  if (mount.kind === 'volume')
    return {
      Type: 'volume',
      Source: volumeName(task, mount, index),
      Target: mount.target,
      ReadOnly: mount.readOnly,
      VolumeOptions: { NoCopy: mount.noCopy } as MountSettings['VolumeOptions'],
    };
  if (mount.kind === 'bind')
    return {
      Type: 'bind',
      Source: mount.source,
      Target: mount.target,
      ReadOnly: mount.readOnly,
      BindOptions: mount.propagation ? { Propagation: mount.propagation } : undefined,
    };
  return {
    Type: 'tmpfs',
    Source: '',
    Target: mount.target,
    ReadOnly: false,
    TmpfsOptions: {
      SizeBytes: mount.sizeBytes,
      Mode: mount.mode,
    } as MountSettings['TmpfsOptions'],
  };
};

/** All mounts of a task: its own, its configs and secrets read-only, and its resolv.conf. */
export const mountsOf = (
  task: AssignedTask,
  files: readonly TaskFile[],
  resolvConf: string | undefined,
): MountSettings[] => {
  const shown = resolvConf ? [...files, { hostPath: resolvConf, target: '/etc/resolv.conf' }] : files;
  return [
    ...task.spec.mounts.map((mount, index) => mountOf(task, mount, index)),
    ...shown.map(
      (file): MountSettings => ({
        Type: 'bind',
        Source: file.hostPath,
        Target: file.target,
        ReadOnly: true,
      }),
    ),
  ];
};
