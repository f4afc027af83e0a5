import type { Container } from './simulated-engine.ts';

const EVERY_MS = 10;

/** Counts the slots that have a ready container, a hundred times a second, from outside (I3). */
export const watchReady = (running: () => Container[]): { end(): { samples: number; fewest: number } } => {
  let samples = 0;
  let fewest = Number.POSITIVE_INFINITY;
  const look = (): void => {
    samples += 1;
    const ready = new Set(running().flatMap(({ task, ready }) => (ready ? [task.slot] : [])));
    fewest = Math.min(fewest, ready.size);
  };
  const timer = setInterval(look, EVERY_MS);
  return {
    end: () => {
      clearInterval(timer);
      return { samples, fewest };
    },
  };
};
