import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../db/test-database.ts';
import { makeKeyFile } from '../keys/cluster-key.ts';
import { openCluster } from './cluster.store.ts';
import { changeSettings, readSettings } from './settings.store.ts';

let test: TestDatabase;
let folder: string;
beforeAll(async () => {
  test = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), 'portreeve-cluster-'));
});
afterAll(async () => {
  await test.drop();
  rmSync(folder, { recursive: true, force: true });
});

describe('a cluster', () => {
  it('is founded once, even by two servers that start at the same moment', async () => {
    const key = join(folder, 'cluster.key');
    makeKeyFile(key);
    const [one, two] = await Promise.all([
      openCluster(test.database, key, 'a'),
      openCluster(test.database, key, 'b'),
    ]);
    expect(one.clusterId).toBe(two.clusterId);
    expect(one.ca.certificatePem).toBe(two.ca.certificatePem);
    expect(one.trustAnchors).toEqual([one.ca.certificatePem]);
    const stored = JSON.stringify(await test.database.prisma.clusterKey.findMany());
    expect(stored).not.toContain('PRIVATE KEY');
  });

  it('is not opened without its key, nor with another', async () => {
    await expect(openCluster(test.database, join(folder, 'none.key'), 'a')).rejects.toThrow(/is missing/);
    const other = join(folder, 'other.key');
    makeKeyFile(other);
    await expect(openCluster(test.database, other, 'a')).rejects.toThrow(
      /not the one this database was made with/,
    );
  });

  it('changes its settings only for who has seen the present ones', async () => {
    const { version } = await readSettings(test.database.prisma);
    const change = (minutes: number) =>
      test.database.transaction((tx) => changeSettings(tx, { sessionIdleMinutes: minutes }, version));
    const outcomes = await Promise.allSettled([change(10), change(20)]);
    expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await readSettings(test.database.prisma)).version).toBe(version + 1);
  });
});
