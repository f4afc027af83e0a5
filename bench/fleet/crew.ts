import { startHost } from './host.ts';
import type { Crew } from './protocol.ts';

/** A process of simulated hosts: joins them a few at a time and then keeps them alive. It ends with its parent. */
const AT_ONCE = 4;

const work = async ({ server, caSha256, tokens, first }: Crew): Promise<void> => {
  const waiting = tokens.map((token, i) => ({ server, caSha256, token, number: first + i }));
  const one = async (): Promise<void> => {
    for (let host = waiting.shift(); host; host = waiting.shift()) await startHost(host);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
};

process.once('message', (crew: Crew) => {
  work(crew).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
process.once('disconnect', () => process.exit(0));
