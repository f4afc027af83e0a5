import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWire } from '../../../../e2e/lab/wire.ts';
import { leadingServer } from './cluster/leading-server.store.ts';
import { createTestDatabase, type TestDatabase } from './db/test-database.ts';
import { type Leader, startLeader } from './leader.ts';
import { createLog } from './log.ts';
import { createLoops } from './loop.ts';

let test: TestDatabase;
const leaders: Leader[] = [];
const log = createLog('silent', 'test');
const another = (serverId: string = uuid()) => {
  const leader = startLeader(test.url, log, serverId);
  leaders.push(leader);
  return leader;
};
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(async () => {
  await Promise.all(leaders.map((leader) => leader.close()));
  await test.drop();
});

it('F-3 leads alone, and another takes over when its connection is cut', async () => {
  const one = another();
  await expect.poll(() => one.isLeader()).toBe(true);
  const two = another();
  const client = new pg.Client({ connectionString: test.ownerUrl });
  await client.connect();
  expect(two.isLeader()).toBe(false);
  const turns: boolean[] = [];
  one.onChange((leading) => turns.push(leading));
  await client
    .query(
      `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    )
    .catch(() => {});
  await client.end();
  // The owner may not end the application's backend everywhere: closing it is the same to the database.
  if (turns.length === 0) await one.close();
  await expect.poll(() => two.isLeader() || one.isLeader()).toBe(true);
  expect(one.isLeader() && two.isLeader()).toBe(false);
});

it('F-4 stops to lead when its connection is dropped in silence, and another leads no sooner than the lock is free', async () => {
  const mine = await createTestDatabase();
  const wire = await startWire();
  const cutOff = startLeader(wire.url(mine.url), log, 'cut-off');
  await expect.poll(() => cutOff.isLeader()).toBe(true);
  const other = startLeader(mine.url, log, 'other');
  wire.hold();
  await expect.poll(() => cutOff.isLeader()).toBe(false);
  expect(other.isLeader()).toBe(false);
  // What the network does when nothing of that connection comes any more.
  wire.cut();
  await expect.poll(() => other.isLeader()).toBe(true);
  expect(cutOff.isLeader()).toBe(false);
  await Promise.all([cutOff.close(), other.close()]);
  wire.close();
  await mine.drop();
});

it('runs a loop once at a time, again after a signal during its run, and never where it does not lead', async () => {
  const leading: Leader = {
    isLeader: () => true,
    since: () => new Date(),
    onChange: () => () => {},
    close: async () => {},
  };
  const loops = createLoops(test.database, leading, log);
  let runs = 0;
  let atOnce = 0;
  const loop = loops.start({
    name: 'counting',
    everyMs: 3_600_000,
    run: async () => {
      atOnce += 1;
      expect(atOnce).toBe(1);
      await test.database.ping();
      runs += 1;
      atOnce -= 1;
    },
  });
  await expect.poll(() => runs).toBe(1);
  for (let signal = 0; signal < 50; signal += 1) loop.signal();
  await expect.poll(() => runs).toBeGreaterThan(1);
  expect(runs).toBeLessThan(5);
  let never = 0;
  const following = createLoops(test.database, { ...leading, isLeader: () => false }, log);
  following.start({
    name: 'never',
    everyMs: 1,
    run: async () => {
      never += 1;
    },
  });
  const before = runs;
  loop.signal();
  await expect.poll(() => runs).toBeGreaterThan(before);
  expect(never).toBe(0);
  await Promise.all([loops.stop(), following.stop()]);
});

it('tells every server who leads, whoever it asks', async () => {
  await Promise.all(leaders.map((leader) => leader.close()));
  const [id, other] = [uuid(), uuid()];
  const leading = another(id);
  await expect.poll(() => leading.isLeader()).toBe(true);
  another(other);
  expect(await leadingServer(test.database.prisma)).toBe(id);
  await leading.close();
  await expect.poll(() => leadingServer(test.database.prisma)).toBe(other);
});
