/** One way to run the same tasks on the same hosts. Times are taken by `timed`, outside. */
export type Side = {
  name: 'ours' | 'swarm' | 'engine';
  /** Wishes for `replicas` tasks of the web application and returns when all run, or are healthy where `health` is asked for. */
  start: (replicas: number, health: boolean) => Promise<void>;
  /** Changes the number and returns when all are healthy. A bare engine has no such thing. */
  scale?: (replicas: number) => Promise<void>;
  /** Moves every task to another image, two at once, and returns when the last new one is ready and the last old one gone. */
  roll?: (order: 'start-first' | 'stop-first') => Promise<void>;
  /** Kills one task's process and returns when its replacement runs. */
  killOne?: () => Promise<void>;
  remove: () => Promise<void>;
};

/** Milliseconds that `work` took. */
export const timed = async (work: () => Promise<void>): Promise<number> => {
  const began = performance.now();
  await work();
  return Math.round(performance.now() - began);
};

/** The health check that every side is given. */
export const HEALTH = { command: 'wget -q -O /dev/null http://127.0.0.1:8080/healthz', intervalSeconds: 1 };
