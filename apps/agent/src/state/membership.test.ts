import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { log } from '../log.ts';
import { type Identity, saveIdentity } from './identity.ts';
import { keepMembership, untilJoined } from './membership.ts';
import { openStore, type Store } from './store.ts';

log.level = 'silent';

const joined: Identity = {
  clusterId: randomUUID(),
  clusterName: 'home',
  nodeId: randomUUID(),
  nodeName: 'h1',
  keyPem: 'the first key',
  certificatePem: 'the first certificate',
  caCertificates: ['ca'],
  servers: ['https://a:7401'],
};
const memory = () => {
  const disk = { full: false, text: '' };
  const store: Store = {
    dir: '',
    read: async () => undefined,
    write: async (_, bytes) => {
      if (disk.full) throw new Error('ENOSPC');
      disk.text = String(bytes);
    },
    remove: async () => undefined,
    list: async () => [],
  };
  return { disk, membership: keepMembership(store, joined) };
};

test('F-16 J5 a renewed key that a full disk did not take is not used, and is asked for again', async () => {
  const { disk, membership } = memory();
  const renewed = { ...joined, keyPem: 'the second key', certificatePem: 'the second certificate' };
  disk.full = true;
  await expect(membership.replace(renewed)).rejects.toThrow('ENOSPC');
  expect(membership.identity()).toEqual(joined);
  disk.full = false;
  await membership.replace(renewed);
  expect(membership.identity()).toEqual(renewed);
  expect(JSON.parse(disk.text)).toEqual(renewed);
});

test('L5 servers are learnt beside the one that answers now, and written once', () => {
  const { disk, membership } = memory();
  const learnt = () => membership.learn({ servers: ['https://b:7401'] }, 'https://a:7401');
  learnt();
  expect(JSON.parse(disk.text).servers).toEqual(['https://b:7401', 'https://a:7401']);
  disk.text = '';
  learnt();
  expect(disk.text).toBe('');
});

test('an agent whose host has not joined stays, and finds who joins later, by another key too', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'agent-joined-'));
  const found = untilJoined(dir, 10);
  await expect.poll(() => readdir(dir)).toContain('host.key');
  await rm(join(dir, 'host.key'));
  await saveIdentity(await openStore(dir), joined);
  expect((await found).joined).toEqual(joined);
  await rm(dir, { recursive: true });
});
