import { expect, test } from 'vitest';
import { createHearing } from './hearing.ts';

const at = (second: number) => new Date(second * 1_000);
const hearing = (leads: number | undefined, database: number) =>
  createHearing(
    { health: { since: () => at(database) } as Parameters<typeof createHearing>[0]['health'] },
    { since: () => (leads === undefined ? undefined : at(leads)) },
    3_000,
  );

test('hosts can be heard since the last of a change of leader and an outage of the database', () => {
  expect(hearing(100, 200).since(at(900))).toBe(200_000);
  expect(hearing(300, 200).since(at(900))).toBe(300_000);
});

test('nobody hears them for a server that does not lead', () => {
  expect(hearing(undefined, 200).since(at(900))).toBe(900_000);
});

test('a moment that is to come, by a clock that was set back, does not hold them for as long', () => {
  expect(hearing(1_000, 200).since(at(900))).toBe(200_000);
});

test.each([
  ['a pause of the process', [100, 101, 105, 106], 105],
  ['a clock set back', [100, 101, 60, 61], 60],
  ['a clock set ahead', [100, 101, 500, 501], 500],
  ['looks in time', [100, 101, 103, 104], 0],
])('%s begins anew what is waited for', (_, looks, since) => {
  const one = hearing(0, 0);
  for (const second of looks) one.look(at(second));
  expect(one.since(at(looks.at(-1) ?? 0))).toBe(since * 1_000);
});
