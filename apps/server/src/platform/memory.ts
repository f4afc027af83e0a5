import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const EVERY_MS = 60_000;
/** So much more than what was in use after the last collection is taken for garbage. */
const GROWN = 2;

/** Starts a collection of everything; V8's own, which programs are shown only when they ask for it. */
export const fullCollection = (): (() => void) => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
};

type Heap = { total: number; used: number };

/** Collects when the heap has grown, and then only; says whether it did. */
export const memoryKeeper = (collect: () => void, heap: () => Heap): (() => boolean) => {
  let inUse = 0;
  return () => {
    if (heap().total <= GROWN * inUse) return false;
    collect();
    inUse = heap().used;
    return true;
  };
};

/**
 * What a burst of deploys left behind is given back to the host within a minute or two. V8 alone keeps it, since a
 * server that hears beats is never idle enough for it to look.
 */
export const keepMemoryLow = (): void => {
  const keep = memoryKeeper(fullCollection(), () => {
    const { heapTotal, heapUsed } = process.memoryUsage();
    return { total: heapTotal, used: heapUsed };
  });
  setInterval(keep, EVERY_MS).unref();
};
