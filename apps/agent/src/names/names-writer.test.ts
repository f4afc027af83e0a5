import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DesiredDocument } from '@portreeve/agent-protocol';
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../../../e2e/lab/eventually.ts';
import { namesWriter } from './names-writer.ts';

const documentOf = (network: boolean) =>
  ({
    nodeId: 'node',
    tasks: [],
    networks: network
      ? [
          {
            ...{ networkId: 'n', gateway: '10.0.0.1', subnet: '10.0.0.0/24', internal: false },
            members: [{ taskId: 't', nodeId: 'node', address: '10.0.0.2', names: ['web'] }],
          },
        ]
      : [],
  }) as unknown as DesiredDocument;

test('the table is written anew when a task of its networks gets ready, and not for others', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'names-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'table.json');
  const writer = namesWriter(folder);
  await writer.document(documentOf(false));
  const { ino } = await stat(path);
  writer.readiness({ version: 1, networks: [] }, new Set(['other']));
  // Written one after the other: what a later document brings comes after what that readiness would have.
  const beside = namesWriter(`${folder}/beside`);
  await beside.document(documentOf(true));
  beside.readiness({ version: 1, networks: [] }, new Set(['t']));
  await eventually(async () =>
    (await readFile(join(folder, 'beside/table.json'), 'utf8')).includes('"ready":true'),
  );
  expect((await stat(path)).ino).toBe(ino);
});
