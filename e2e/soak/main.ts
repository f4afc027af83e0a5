import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Chance, seededChance } from '../faults/seeded.ts';
import { watchReady } from '../journeys/callers.ts';
import { eventually } from '../lab/eventually.ts';
import { FAULTS, type Fault } from './faults.ts';
import { containers, converge, violations } from './invariants.ts';
import { type Holding, leaks, measure } from './leaks.ts';
import { LOAD_PORTS, type Load, STACKS, startLoad } from './load.ts';
import { type Entry, keepEvidence, surroundings, writeReport } from './report.ts';
import { type Stage, setStage } from './stage.ts';

const HELP = `npm run soak -- --hours N --seed S       random faults under a load of deploys, on the lab
  --minutes N    instead of hours
  --every A-B    seconds between faults; by default 60-300, for runs below an hour 5-20
  --hosts N      default 3`;

const { values } = parseArgs({
  options: {
    hours: { type: 'string' },
    minutes: { type: 'string' },
    seed: { type: 'string' },
    every: { type: 'string' },
    hosts: { type: 'string', default: '3' },
    help: { type: 'boolean', default: false },
  },
});
const minutes = values.minutes ? Number(values.minutes) : Number(values.hours ?? 0) * 60;
if (values.help || !(minutes > 0)) {
  console.log(HELP);
  process.exit(values.help ? 0 : 1);
}
const [from = 5, to = 20] = (values.every ?? (minutes < 60 ? '5-20' : '60-300')).split('-').map(Number);

const say = (text: string): void => console.log(`${new Date().toISOString().slice(11, 19)} ${text}`);

/** One fault, from quiet or under load, and what comes of it. Throws what is broken after it. */
const suffer = async (
  stage: Stage,
  load: Load,
  fault: Fault,
  chance: Chance,
  entry: Entry,
): Promise<void> => {
  const alike = entry.quiet ? await containers(stage) : undefined;
  const watch = fault.harmless ? watchReady(stage.lab, { ports: LOAD_PORTS, everyMs: 1_000 }) : undefined;
  // Scaling to fewer is a wish of ours: what may be missing is counted from the smallest.
  const allowed = entry.quiet
    ? [...load.accepted.values()].reduce((sum, { replicas }) => sum + replicas, 0)
    : 9;
  const began = Date.now();
  const { text, lastsMs, heal } = await fault.inject(stage, chance);
  entry.on = text;
  say(`${fault.name}: ${text}${entry.quiet ? ', quiet' : ''}`);
  await pause(lastsMs);
  await heal();
  entry.lastedMs = Date.now() - began;
  await load.rest();
  entry.convergedAfterMs = await converge(stage, load);
  if (watch) {
    entry.fewestReady = { seen: (await watch.end()).fewest, allowed };
    if (entry.fewestReady.seen < allowed)
      throw new Error(`I3: only ${entry.fewestReady.seen} of ${allowed} answered`);
  }
  if (alike && fault.harmless && JSON.stringify(alike) !== JSON.stringify(await containers(stage)))
    throw new Error('I8: a fault of the control plane touched containers');
  const broken = await violations(stage, load);
  if (broken.length > 0) throw new Error(broken.join('; '));
};

const run = async (stage: Stage, chance: Chance): Promise<boolean> => {
  const faults: Entry[] = [];
  const holdings: Holding[] = [];
  const problems: string[] = [];
  const began = Date.now();
  const minute = (): number => Math.round((Date.now() - began) / 6_000) / 10;
  // Its own chance, so that the order of deploys does not move the order of faults.
  const load = startLoad(stage, seededChance('load', chance.below(1_000_000)));
  try {
    await eventually(() => load.accepted.size === STACKS.length, {
      timeout: 60_000,
      what: 'the first deploys',
    });
    await converge(stage, load);
    while (minute() < minutes) {
      await pause(1_000 * (from + chance.below(to - from)));
      const fault = chance.oneOf(FAULTS);
      const quiet = fault.harmless && chance.below(2) === 0;
      if (quiet) {
        await load.rest();
        await converge(stage, load);
      }
      const entry: Entry = { at: new Date().toISOString(), fault: fault.name, on: '', lastedMs: 0, quiet };
      faults.push(entry);
      await suffer(stage, load, fault, chance, entry).catch((error: Error) => {
        entry.problem = error.message;
        throw error;
      });
      holdings.push(await measure(stage, minute()));
      say(`  as it should be after ${entry.convergedAfterMs} ms`);
      load.resume();
    }
    await load.stop();
    problems.push(...leaks(holdings));
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
  const ok = problems.length === 0;
  const path = writeReport({
    ...surroundings(),
    ...{ seed: chance.seed, minutes: minute(), hosts: stage.lab.hosts.length, deploys: load.counts() },
    ...{ faults, holdings, problems, ok },
  });
  say(ok ? `sound after ${faults.length} faults: ${path}` : `NOT SOUND: ${problems.join('; ')}: ${path}`);
  if (!ok) await keepEvidence(stage, path);
  return ok;
};

const chance = seededChance('soak', values.seed === undefined ? undefined : Number(values.seed));
const stage = await setStage(Number(values.hosts));
const leave = (): void => void stage.stop().finally(() => process.exit(1));
process.once('SIGINT', leave);
process.once('SIGTERM', leave);
let ok = false;
try {
  ok = await run(stage, chance);
} finally {
  await stage.stop();
}
process.exit(ok ? 0 : 1);
