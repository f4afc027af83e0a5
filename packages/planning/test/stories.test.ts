import type { UpdatePolicy } from '@portreeve/domain';
import { expect, it } from 'vitest';
import { type Behaviour, deploy, kill, newWorld, SECOND, second, type World } from './simulator.ts';

/** Whole rollouts as a person reads them: the seconds, the events, and the rule that comes next. */

const running = (replicas: number, hosts = 4): World => {
  const world = newWorld({ hosts, replicas });
  for (let i = 0; i < 8; i += 1) second(world);
  return world;
};

const tell = (world: World, seconds: number): string[] => {
  const start = world.now;
  const lines: string[] = [];
  let next = '';
  for (let i = 0; i < seconds; i += 1) {
    const at = `${(world.now - start) / SECOND} s`;
    const plan = second(world);
    lines.push(...plan.events.map(({ text }) => `${at}: ${text}`));
    if (plan.next !== next) lines.push(`${at}  > ${plan.next}`);
    next = plan.next;
  }
  return lines;
};

const roll = (behaviour: Behaviour, policy: Partial<UpdatePolicy>, seconds: number): string[] => {
  const world = running(6);
  deploy(world, behaviour, { delayMs: 3_000, monitorMs: 5_000, parallelism: 2, ...policy });
  return tell(world, seconds);
};

it('a good version is rolled out two at once, new before old', () => {
  expect(roll('good', { order: 'start-first' }, 23)).toMatchInlineSnapshot(`
    [
      "0 s: Slots 1 and 2 now: new tasks first, then the old ones stop",
      "0 s  > Next: slots 3 and 4, when 1 and 2 are ready and 3 s have passed. Never fewer than 6 ready; now 6.",
      "3 s: Slots 1 and 2: new ready, old stopping",
      "3 s  > Next: slots 3 and 4, when 3 s have passed. Never fewer than 6 ready; now 6.",
      "6 s: Slots 3 and 4 now: new tasks first, then the old ones stop",
      "6 s  > Next: slots 5 and 6, when 3 and 4 are ready and 3 s have passed. Never fewer than 6 ready; now 6.",
      "9 s: Slots 3 and 4: new ready, old stopping",
      "9 s  > Next: slots 5 and 6, when 3 s have passed. Never fewer than 6 ready; now 6.",
      "12 s: Slots 5 and 6 now: new tasks first, then the old ones stop",
      "12 s  > Next: done, when slots 5 and 6 are ready and all have stayed ready for 5 s. Never fewer than 6 ready; now 6.",
      "15 s: Slots 5 and 6: new ready, old stopping",
      "15 s  > Next: done, when all have stayed ready for 5 s. Never fewer than 6 ready; now 6.",
      "20 s: Every slot is on the new revision",
      "21 s  > Nothing to do: 6 of 6 ready.",
    ]
  `);
});

it('a version that never gets ready is rolled back by itself', () => {
  expect(roll('never ready', { order: 'stop-first', failureAction: 'rollback' }, 20)).toMatchInlineSnapshot(`
    [
      "0 s: Slots 1 and 2 now: images first, then the old tasks stop",
      "0 s  > Next: slots 3 and 4, when 1 and 2 are ready and 3 s have passed. Never fewer than 4 ready; now 6.",
      "1 s: Slots 1 and 2: image there, old stopping",
      "2 s  > Next: slots 3 and 4, when 1 and 2 are ready and 3 s have passed. Never fewer than 4 ready; now 4.",
      "7 s: Rolling back: slots 1 and 2 failed: 2 of 6, and the policy allows none",
      "7 s: Slots 1 and 2 now: images first, then the old tasks stop",
      "7 s  > Next: rolled back, when slots 1 and 2 are ready and all have stayed ready for 5 s. Never fewer than 4 ready; now 4.",
      "8 s: Slots 1 and 2: image there, old stopping",
      "12 s  > Next: rolled back, when all have stayed ready for 5 s. Never fewer than 4 ready; now 6.",
      "17 s: Every slot is on the earlier revision",
      "18 s  > Nothing to do: 6 of 6 ready.",
    ]
  `);
});

it('a version that never gets ready changes nothing where new tasks start first', () => {
  expect(roll('never ready', { order: 'start-first', failureAction: 'rollback' }, 16)).toMatchInlineSnapshot(`
    [
      "0 s: Slots 1 and 2 now: new tasks first, then the old ones stop",
      "0 s  > Next: slots 3 and 4, when 1 and 2 are ready and 3 s have passed. Never fewer than 6 ready; now 6.",
      "7 s: Rolling back: slots 1 and 2 failed: 2 of 6, and the policy allows none",
      "7 s  > Next: rolled back, when all have stayed ready for 5 s. Never fewer than 6 ready; now 6.",
      "12 s: Every slot is on the earlier revision",
      "13 s  > Nothing to do: 6 of 6 ready.",
    ]
  `);
});

it('a version that is rejected pauses before any old task stops', () => {
  expect(roll('rejected', { order: 'stop-first', failureAction: 'pause' }, 4)).toMatchInlineSnapshot(`
    [
      "0 s: Slots 1 and 2 now: images first, then the old tasks stop",
      "0 s  > Next: slots 3 and 4, when 1 and 2 are ready and 3 s have passed. Never fewer than 4 ready; now 6.",
      "1 s: Paused: slots 1 and 2 failed: 2 of 6, and the policy allows none",
      "1 s  > Paused with 6 of 6 slots to go. Slots 1 and 2 failed: 2 of 6, and the policy allows none. Resume, abort or go back.",
    ]
  `);
});

it('a host is lost', () => {
  const world = running(2, 3);
  Object.assign(world.hosts[0] ?? {}, { mood: 'silent', silentSince: world.now });
  expect(tell(world, 16)).toMatchInlineSnapshot(`
    [
      "0 s  > Waiting for a word from the host of slot 1, or the end of its lease.",
      "10 s: Slot 1: new task, because the host of its last task was lost",
      "10 s  > Waiting for slot 1 to be ready.",
      "13 s  > Nothing to do: 2 of 2 ready.",
    ]
  `);
});

it('a host is drained', () => {
  const world = running(2, 3);
  Object.assign(world.hosts[0] ?? {}, { mood: 'draining' });
  expect(tell(world, 8)).toMatchInlineSnapshot(`
    [
      "0 s: Slot 1: host is drained, new tasks first",
      "0 s  > Waiting for slot 1 to be ready.",
      "3 s: Slot 1: new ready, old stopping",
      "3 s  > Nothing to do: 2 of 2 ready.",
    ]
  `);
});

it('a task is killed', () => {
  const world = running(2, 3);
  kill(world, world.seen.tasks[0]?.id ?? '');
  expect(tell(world, 6)).toMatchInlineSnapshot(`
    [
      "0 s: Slot 1: new task, because its last task failed",
      "0 s  > Waiting for slot 1 to be ready.",
      "3 s  > Nothing to do: 2 of 2 ready.",
    ]
  `);
});
