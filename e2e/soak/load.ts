import { setTimeout as pause } from 'node:timers/promises';
import { ApiError, routes } from '@portreeve/contract';
import type { Chance } from '../faults/seeded.ts';
import { ROOT, type Stage } from './stage.ts';

/** What is deployed, all alike. */
export const STACKS = ['one', 'two', 'three'] as const;
const TAGS = ['good', 'good2', 'good3'] as const;
const FIRST_PORT = 8080;
/** More than a stack has tasks at once on a host, old and new. */
const PORTS_PER_STACK = 8;
const BETWEEN_MS = { from: 4_000, to: 15_000 };

export type Wish = { tag: string; replicas: number };
export type Load = {
  /** The last deploy of each stack that the server acknowledged. */
  accepted: ReadonlyMap<string, Wish>;
  counts(): { sent: number; acknowledged: number; refused: number };
  /** Resolves when no deploy is under way, and none begins before `resume`. */
  rest(): Promise<void>;
  resume(): void;
  stop(): Promise<void>;
};

/** Ports that tasks of the load may have on their hosts. */
export const LOAD_PORTS = Array.from(
  { length: STACKS.length * PORTS_PER_STACK },
  (_, index) => FIRST_PORT + index,
);

const composeOf = (registry: string, stack: number, { tag, replicas }: Wish): string => {
  const from = FIRST_PORT + stack * PORTS_PER_STACK;
  return `
services:
  web:
    image: ${registry}/web:${tag}
    ports: [ "${from}-${from + PORTS_PER_STACK - 1}:8080" ]
    healthcheck: { test: [CMD, wget, -q, -O, /dev/null, "http://127.0.0.1:8080/healthz"], interval: 1s, timeout: 20s, retries: 3 }
    deploy:
      replicas: ${replicas}
      update_config: { parallelism: 1, order: start-first, monitor: 0s, failure_action: pause, max_failure_ratio: 1 }
`;
};

/** Deploys one of three stacks every few seconds, for ever, as pipelines do: a version or a number of replicas. */
export const startLoad = ({ operator, lab }: Stage, chance: Chance): Load => {
  const accepted = new Map<string, Wish>();
  const counts = { sent: 0, acknowledged: 0, refused: 0 };
  let over = false;
  let resting = false;
  let under: Promise<void> = Promise.resolve();

  const deploy = async (index: number, wish: Wish): Promise<void> => {
    const name = STACKS[index] as string;
    const files = { 'compose.yaml': composeOf(lab.registry?.address ?? '', index, wish) };
    // Until it is acknowledged: what was sent and not answered may have been done, and the same again changes nothing.
    for (;;) {
      counts.sent += 1;
      try {
        await operator.call(routes.stacks.apply, {
          params: { name },
          ...ROOT,
          body: { application: { files } },
        });
        counts.acknowledged += 1;
        accepted.set(name, wish);
        return;
      } catch (error) {
        // Only what is away or in the way may refuse it.
        if (!(error instanceof ApiError) || ![0, 409, 422, 502, 503].includes(error.status)) throw error;
        counts.refused += 1;
        await pause(500);
      }
    }
  };
  const loop = async (): Promise<void> => {
    for (const index of STACKS.keys()) await deploy(index, { tag: 'good', replicas: 4 });
    while (!over) {
      if (!resting) {
        const index = chance.below(STACKS.length);
        under = deploy(index, { tag: chance.oneOf(TAGS), replicas: 3 + chance.below(3) });
        await under;
      }
      await pause(BETWEEN_MS.from + chance.below(BETWEEN_MS.to - BETWEEN_MS.from));
    }
  };
  const looping = loop();
  // Seen at the next rest, or at the end.
  looping.catch(() => undefined);
  return {
    accepted,
    counts: () => ({ ...counts }),
    rest: async () => {
      resting = true;
      await Promise.race([under, looping]);
    },
    resume: () => {
      resting = false;
    },
    stop: async () => {
      over = true;
      await looping;
    },
  };
};
