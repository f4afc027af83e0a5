import { dockerOf } from '../e2e/lab/docker.ts';
import { type Lab, type LabHost, startLab } from '../e2e/lab/lab.ts';
import { deployRows } from './report/deploy-rows.ts';
import { publishResults } from './report/publish.ts';
import { type Results, readResults } from './report/results.ts';
import { type Measured, measureSide } from './sides/measure.ts';
import { SET_UPS } from './sides/set-up.ts';

/**
 * The same deploys on the same three hosts: Portreeve, the bare engine API and Docker Swarm mode, one after the
 * other in each round, each on hosts that were reset. Images are on the hosts before the clock starts.
 * Arguments: rounds (5), and `--more` to add them to the results at hand instead of beginning anew.
 */
const ROUNDS = Number(process.argv.slice(2).find((argument) => /^\d+$/.test(argument)) ?? 5);
const MORE = process.argv.includes('--more');

const nameOf = async (host: LabHost | undefined): Promise<string> => {
  if (!host || host.engineKind === 'debian') return 'deploy';
  const { Version } = await dockerOf(host).version();
  return `deploy-engine-${Version.split('.')[0]}`;
};

/** One after the other; what was measured is kept as soon as it can be compared with something. */
const round = async (lab: Lab, name: string, earlier: Results | undefined): Promise<void> => {
  const measured: Measured[] = [];
  for (const setUp of SET_UPS) {
    await lab.reset();
    const { side, end } = await setUp(lab);
    try {
      measured.push(await measureSide(lab, side));
    } finally {
      await end();
    }
    publishResults(name, deployRows(measured, earlier));
  }
};

const lab = await startLab({ hosts: 3, engineConfig: { 'live-restore': false } });
try {
  const name = await nameOf(lab.hosts[0]);
  for (let i = 0; i < ROUNDS; i += 1) await round(lab, name, i > 0 || MORE ? readResults(name) : undefined);
} finally {
  await lab.stop();
}
