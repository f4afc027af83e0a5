import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { makeAuthority } from '../../test/authority.ts';
import type { Engine } from '../engine/engine.ts';
import { newRecord } from '../tasks/record.ts';
import { gatherFigures } from './figures.ts';

const noEngine = (): Engine => {
  throw new Error('the engine does not answer');
};

test('what the agent knows is told while its engine is away, and containers are not made up', async () => {
  const { certificatePem, keyPem } = await (await makeAuthority()).server();
  const record = newRecord(randomUUID(), 0);
  const attempts = [4, 5].map((attempt) => ({ attempt, name: 'web', launchedAt: 0 }));
  const figures = await gatherFigures({
    startedAt: '2026-01-01T00:00:00.000Z',
    pressure: () => undefined,
    engine: noEngine,
    taskOf: () => undefined,
    records: new Map([
      ['a', { ...record, state: 'running', attempts }],
      ['b', record],
    ]),
    outbox: () => ({ tasks: 0, exits: 1, events: 2 }),
    reconnects: () => 3,
    identity: () => ({
      ...{ clusterId: randomUUID(), clusterName: 'c', nodeId: randomUUID(), nodeName: 'n' },
      ...{ keyPem, certificatePem, caCertificates: [], servers: ['https://a:7401', 'https://b:7401'] },
    }),
  });
  expect(figures).toMatchObject({
    ...{ containers: undefined, tasks: { running: 1, accepted: 1 }, attempts: 5, servers: 2, reconnects: 3 },
    outbox: { exits: 1, events: 2 },
  });
  expect(Date.parse(figures.certificateExpiresAt)).toBeGreaterThan(Date.now());
});
