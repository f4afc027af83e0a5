import { dockerOf } from '../../e2e/lab/docker.ts';
import { eventually, type LabHost } from '../../e2e/lab/lab.ts';

/** What is wished for. A bare engine's network is one of each host alone. */
export type Wish = { replicas: number; health: boolean; network: boolean };

/** Processes whose memory and time are counted. */
export type Footprint = {
  /** Of each host with tasks: the engine, and what the side runs beside it. */
  hosts: { engine: number[]; beside: number[] }[];
  /** What controls all of them, by name. */
  control: Record<string, number[]>;
};

/** One way to run the same tasks on the same hosts. Times are taken by `timed`, outside. */
export type Side = {
  name: 'ours' | 'swarm' | 'engine';
  /** What its containers are found by at the engines. */
  label: string;
  /** Wishes for tasks of the web application and returns when all run, or are healthy where `health` is asked for. */
  start: (wish: Wish) => Promise<void>;
  /** Changes the number and returns when all are healthy. A bare engine has no such thing. */
  scale?: (replicas: number) => Promise<void>;
  /** Moves every task to another image, two at once, and returns when the last new one is ready and the last old one gone. */
  roll?: (order: 'start-first' | 'stop-first') => Promise<void>;
  remove: () => Promise<void>;
  /** Returns when nothing of the removal goes on any more; not part of its time. */
  cleared?: () => Promise<void>;
  /** Returns when the change before is no longer watched for failures. */
  calm?: () => Promise<void>;
  footprint: () => Promise<Footprint>;
};

/** Milliseconds that `work` took. */
export const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return Math.round(performance.now() - began);
};

/** The health check that every side is given. */
export const HEALTH = { command: 'wget -q -O /dev/null http://127.0.0.1:8080/healthz', intervalSeconds: 1 };

/** How long anything may take, and how often it is looked at. */
export const WAIT = { timeout: 180_000, interval: 100 };

/** The same in the words of an engine, which counts in nanoseconds. */
export const engineHealth = (health: boolean) =>
  health
    ? { Test: ['CMD-SHELL', HEALTH.command], Interval: HEALTH.intervalSeconds * 1e9 }
    : { Test: ['NONE'] };

/** Containers with this label on these hosts, by the engines' own word. */
export const containersWith = async (
  hosts: readonly LabHost[],
  label: string,
  filters: { status?: string[]; health?: string[] } = {},
) =>
  (
    await Promise.all(
      hosts.map(async (host) => {
        const found = await dockerOf(host).listContainers({
          all: true,
          filters: { label: [label], ...filters },
        });
        return found.map(({ Id }) => ({ host, id: Id }));
      }),
    )
  ).flat();

/** Returns when no container with this label exists. */
export const allGone = async (hosts: readonly LabHost[], label: string): Promise<void> => {
  await eventually(async () => (await containersWith(hosts, label)).length === 0, {
    ...WAIT,
    what: `no container with ${label}`,
  });
};
