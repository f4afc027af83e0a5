import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../../../e2e/lab/eventually.ts';
import { holdNames, namesStatus } from './only-one.ts';
import { EMPTY_TABLE, type NamesTable } from './table.ts';
import { readTable, watchTable, writeTable } from './table-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'names-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const tableOf = (taskId: string): NamesTable => ({
  networks: [],
  askers: [{ taskId, ends: [], servers: [] }],
});

test('a new table is seen as soon as it is written, and a broken one leaves the last in force', async () => {
  const seen: NamesTable[] = [];
  await writeTable(folder, tableOf('first'));
  const watch = await watchTable(folder, (table) => seen.push(table));
  expect(seen).toEqual([tableOf('first')]);
  await writeFile(join(folder, 'table.json'), '{ "networks": [');
  await writeTable(folder, tableOf('second'));
  await eventually(() => seen.length === 2);
  expect(seen[1]).toEqual(tableOf('second'));
  watch.stop();
});

test('no table, or a broken one, is an empty one', async () => {
  expect(await readTable(folder)).toEqual(EMPTY_TABLE);
  await writeFile(join(folder, 'table.json'), 'nonsense');
  expect(await readTable(folder)).toEqual(EMPTY_TABLE);
});

test('one process answers at a time, and the next takes over when it is gone', async () => {
  const first = await holdNames(folder, { pid: 1, version: 'one' });
  const second = holdNames(folder, { pid: 2, version: 'two' });
  expect(await namesStatus(folder)).toEqual({ pid: 1, version: 'one' });
  first.release();
  (await second).release();
});
