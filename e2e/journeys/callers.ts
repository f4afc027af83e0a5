import { get } from 'node:http';
import type { Lab } from '../lab/lab.ts';

const EVERY_MS = 100;
const PATIENCE_MS = 3_000;
/** The shop publishes each task of `web` on a port of this range of its host. */
const PORTS = Array.from({ length: 12 }, (_, index) => 8080 + index);

/** What one task of the shop answered at `path`; null when nobody answered well. */
export const ask = (address: string, port: number, path: string): Promise<string | null> =>
  new Promise((resolve) => {
    const request = get({ host: address, port, path, timeout: PATIENCE_MS, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(response.statusCode === 200 ? text : null));
      response.on('error', () => resolve(null));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(null));
  });

/** Asks every port that a task may have, on every host, at one moment. Returns the answers. */
export const askAll = async (lab: Lab, path: string, ports: readonly number[] = PORTS): Promise<string[]> => {
  const answers = await Promise.all(
    lab.hosts.flatMap(({ address }) => ports.map((port) => ask(address, port, path))),
  );
  return answers.filter((answer) => answer !== null);
};

/** Asks every task's own application every 100 ms, from outside, until it is ended. */
export const watchReady = (
  lab: Lab,
  { ports = PORTS, everyMs = EVERY_MS }: { ports?: readonly number[]; everyMs?: number } = {},
): { end: () => Promise<{ samples: number; fewest: number }> } => {
  let over = false;
  const seen: number[] = [];
  const look = async (): Promise<void> => {
    while (!over) {
      const pause = new Promise((resolve) => setTimeout(resolve, everyMs));
      const began = Date.now();
      const ready = (await askAll(lab, '/healthz', ports)).length;
      // A question that took long was not asked at one moment with the others.
      if (Date.now() - began < 1_000) seen.push(ready);
      await pause;
    }
  };
  const looking = look();
  return {
    end: async () => {
      over = true;
      await looking;
      return { samples: seen.length, fewest: Math.min(...seen) };
    },
  };
};
