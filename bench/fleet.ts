import { startLab } from '../e2e/lab/lab.ts';
import { measureFleet } from './fleet/step.ts';
import { publishResults } from './report/publish.ts';
import { readResults, rowOf } from './report/results.ts';

/**
 * Simulated agents that speak the real protocol over mutual TLS, from a few to more than the machine bears, against
 * a server and a PostgreSQL as `npm run up` starts them. Only the engines are not real.
 * Arguments: sizes of the fleet (100 250 500 1000); `--more` keeps the other sizes of the results at hand.
 */
const given = process.argv.slice(2).filter((argument) => /^\d+$/.test(argument));
const SIZES = given.length > 0 ? given.map(Number) : [100, 250, 500, 1_000];
const MORE = process.argv.includes('--more');

const lab = await startLab({ hosts: [] });
try {
  for (const [i, size] of SIZES.entries()) {
    const fresh = (await measureFleet(lab, size)).map(rowOf);
    const earlier = i > 0 || MORE ? (readResults('fleet')?.rows ?? []) : [];
    const others = earlier.filter(({ name }) => !name.startsWith(`${size} agents: `));
    const all = [...others, ...fresh];
    publishResults(
      'fleet',
      all.toSorted((a, b) => Number.parseInt(a.name, 10) - Number.parseInt(b.name, 10)),
    );
  }
} finally {
  await lab.stop();
}
