import type { TaskStats } from '@portreeve/agent-protocol';
import type { SeenContainer } from '../engine/seen.ts';
import { onClock, steadyNow } from '../steady.ts';
import { type Usage, usageOf } from './cgroup.ts';

type Sample = { at: number; usage: Usage };

/** Pid of a container's first process; asked of the engine once per container. */
export type PidOf = (containerId: string) => Promise<number>;

export type Sampler = {
  /** Measures all running tasks now, unless that was done less than `maxAgeMs` ago. */
  sample(maxAgeMs?: number): Promise<void>;
  /** The newest figures, per task. */
  latest(taskIds?: readonly string[]): TaskStats[];
};

const perSecond = (now: number, before: number, seconds: number): number =>
  seconds > 0 ? Math.max(0, now - before) / seconds : 0;

/** Two looks at counters, made into figures per second. */
export const statsBetween = (taskId: string, before: Sample | undefined, now: Sample): TaskStats => {
  const seconds = before ? (now.at - before.at) / 1000 : 0;
  const past = before?.usage ?? now.usage;
  return {
    taskId,
    at: onClock(now.at).toISOString(),
    cpuCores: perSecond(now.usage.cpuSeconds, past.cpuSeconds, seconds),
    memoryBytes: now.usage.memoryBytes,
    memoryLimitBytes: now.usage.memoryLimitBytes,
    pids: now.usage.pids,
    receivedBytesPerSecond: perSecond(now.usage.receivedBytes, past.receivedBytes, seconds),
    sentBytesPerSecond: perSecond(now.usage.sentBytes, past.sentBytes, seconds),
  };
};

/** Figures of all running tasks of this host; memory holds two looks per container and no more. */
export const sampler = (running: () => SeenContainer[], pidOf: PidOf): Sampler => {
  const pids = new Map<string, number>();
  const samples = new Map<string, Sample>();
  let stats = new Map<string, TaskStats>();
  let sampledAt = 0;

  const pid = async (containerId: string): Promise<number> => {
    const known = pids.get(containerId) ?? (await pidOf(containerId).catch(() => 0));
    if (known > 0) pids.set(containerId, known);
    return known;
  };

  const measure = async (container: SeenContainer): Promise<TaskStats | undefined> => {
    const first = await pid(container.id);
    const usage = first > 0 ? usageOf(first, container.id) : undefined;
    if (!usage) {
      pids.delete(container.id);
      return undefined;
    }
    const now = { at: steadyNow(), usage };
    const made = statsBetween(container.taskId, samples.get(container.id), now);
    samples.set(container.id, now);
    return made;
  };

  return {
    sample: async (maxAgeMs = 0) => {
      if (steadyNow() - sampledAt < maxAgeMs) return;
      sampledAt = steadyNow();
      const containers = running();
      const made = new Map<string, TaskStats>();
      for (const container of containers) {
        const one = await measure(container);
        if (one) made.set(one.taskId, one);
      }
      stats = made;
      const alive = new Set(containers.map((one) => one.id));
      for (const id of samples.keys()) if (!alive.has(id)) samples.delete(id);
      for (const id of pids.keys()) if (!alive.has(id)) pids.delete(id);
    },
    latest: (taskIds) =>
      [...stats.values()].filter((one) => taskIds === undefined || taskIds.includes(one.taskId)),
  };
};
