import { routes } from '@portreeve/contract';
import { joinHosts } from '../e2e/console/hosts.ts';
import { signIn } from '../e2e/console/operator.ts';
import { type Product, startProduct } from '../e2e/console/product.ts';
import { pull } from '../e2e/lab/docker.ts';
import { type Lab, startLab } from '../e2e/lab/lab.ts';
import { type Figures, figures, type Row, writeResults } from './report.ts';
import { engineSide } from './sides/engine.ts';
import { ourSide } from './sides/ours.ts';
import { type Side, timed } from './sides/side.ts';
import { swarmSide } from './sides/swarm.ts';

/**
 * The same deploys on the same three hosts: Portreeve, Docker Swarm mode and the bare engine API, one after the
 * other in one sitting, each on hosts that were reset. Images are on the hosts before the clock starts.
 */
const RUNS = Number(process.argv[2] ?? 5);

type Step = { name: string; run: (side: Side) => Promise<number | undefined> };

const once = (work: (() => Promise<void>) | undefined): Promise<number | undefined> =>
  work ? timed(work) : Promise.resolve(undefined);

/** In order; each begins where the one before it ended. */
const STEPS: Step[] = [
  { name: '30 tasks from the wish to all running', run: (side) => timed(() => side.start(30, false)) },
  { name: 'removing 30', run: (side) => timed(side.remove) },
  { name: '30 tasks to all healthy', run: (side) => timed(() => side.start(30, true)) },
  { name: 'a killed task until its replacement runs', run: (side) => once(side.killOne) },
  { name: '30 → 3', run: (side) => once(side.scale && (() => side.scale?.(3) ?? Promise.resolve())) },
  { name: '3 → 30', run: (side) => once(side.scale && (() => side.scale?.(30) ?? Promise.resolve())) },
  { name: '30 → 12', run: (side) => once(side.scale && (() => side.scale?.(12) ?? Promise.resolve())) },
  {
    name: '12 rolled, start-first',
    run: (side) => once(side.roll && (() => side.roll?.('start-first') ?? Promise.resolve())),
  },
  {
    name: '12 rolled, stop-first',
    run: (side) => once(side.roll && (() => side.roll?.('stop-first') ?? Promise.resolve())),
  },
  { name: 'removing what is left', run: (side) => timed(side.remove) },
];

const measure = async (side: Side): Promise<Map<string, number[]>> => {
  const taken = new Map<string, number[]>();
  for (let run = 0; run < RUNS; run += 1) {
    for (const step of STEPS) {
      const ms = await step.run(side);
      if (ms === undefined) continue;
      console.log(`${side.name.padEnd(7)} ${step.name.padEnd(45)} ${ms} ms`);
      taken.set(step.name, [...(taken.get(step.name) ?? []), ms]);
    }
  }
  return taken;
};

const IMAGES = ['good', 'good2'] as const;
const prepare = async (lab: Lab): Promise<readonly [string, string]> => {
  const [first, second] = IMAGES.map((tag) => lab.registry?.imageRef('web', tag) ?? '');
  for (const host of lab.hosts) for (const image of [first, second]) await pull(host, image ?? '');
  return [first ?? '', second ?? ''];
};

const lab = await startLab({ hosts: 3, engineConfig: { 'live-restore': false } });
let product: Product | undefined;
try {
  const images = await prepare(lab);
  const engine = await measure(engineSide(lab, images[0]));
  await lab.reset();
  await prepare(lab);
  const swarm = await measure(await swarmSide(lab, images));
  await lab.reset();
  await prepare(lab);
  product = await startProduct({ address: lab.bridgeAddress, env: { PORTREEVE_WEB: 'none' } });
  const operator = await signIn(product, product.firstPassword ?? '');
  await joinHosts(operator, lab.hosts, lab.bridgeAddress);
  await operator.call(routes.registries.create, {
    query: { project: '/' },
    body: { host: lab.registry?.address ?? '', plainHttp: true, allowPrivateAddress: true },
  });
  const ours = await measure(ourSide(lab, operator, images));
  const of = (side: Map<string, number[]>, name: string): Figures | undefined => {
    const runs = side.get(name);
    return runs && figures(runs);
  };
  const ratio = (a: Figures, b: Figures | undefined): number | undefined =>
    b && Number((a.median / b.median).toFixed(2));
  const rows = STEPS.flatMap(({ name }): Row[] => {
    const mine = of(ours, name);
    if (!mine) return [];
    const peers = { swarm: of(swarm, name), engine: of(engine, name) };
    return [
      {
        name,
        unit: 'ms',
        ours: mine,
        ...peers,
        ratioToSwarm: ratio(mine, peers.swarm),
        ratioToEngine: ratio(mine, peers.engine),
      },
    ];
  });
  writeResults('deploy', rows);
} finally {
  await product?.stop();
  await lab.stop();
}
