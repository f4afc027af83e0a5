import { randomUUID } from 'node:crypto';
import type { DesiredDocument } from '@portreeve/agent-protocol';
import { Digest, NodeFacts } from '@portreeve/domain';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../../../e2e/lab/eventually.ts';
import { makeKeyAndRequest } from '../src/link/csr.ts';
import { desiredReceiver } from '../src/link/desired-receiver.ts';
import { join } from '../src/link/join.ts';
import { type Link, startLink } from '../src/link/link.ts';
import { renew } from '../src/link/renew.ts';
import type { SessionHandlers } from '../src/link/session.ts';
import { log } from '../src/log.ts';
import type { Identity } from '../src/state/identity.ts';
import { makeAuthority } from './authority.ts';
import { document, task } from './documents.ts';
import { type Peer, startPeer } from './peer.ts';

log.level = 'silent';

const facts = NodeFacts.parse({
  hostname: 'h',
  os: 'debian',
  osVersion: '12',
  kernel: '6',
  architecture: 'amd64',
  bootId: 'b',
  agentVersion: '0',
  capacity: { cpus: 1, memoryBytes: 1, pids: 1 },
  engine: { reachable: true },
  crossHostNetworks: { able: true },
});

let peer: Peer;
let links: Link[];
beforeEach(async () => {
  links = [];
  peer = await startPeer();
});
afterEach(async () => {
  await Promise.all(links.map((link) => link.stop()));
  await peer.close();
});

const joinPeer = (): Promise<Identity> =>
  join({ server: peer.url, caSha256: peer.caSha256, token: peer.token, facts });

type Dialled = { link: Link; closed: string[]; hopeless: string[]; handlers: SessionHandlers };

const GIVE_UP_MS = 600;

const dial = (
  identity: Identity,
  more: Partial<SessionHandlers> = {},
  onOpen: () => void = () => undefined,
): Dialled => {
  const closed: string[] = [];
  const hopeless: string[] = [];
  const handlers: SessionHandlers = {
    hello: () => ({
      protocol: { min: 1, max: 2 },
      agentVersion: '0',
      clusterId: identity.clusterId,
      nodeId: identity.nodeId,
      instanceId: randomUUID(),
      startedAt: new Date().toISOString(),
      clock: new Date().toISOString(),
      have: { epoch: 0, generation: 0 },
      facts,
    }),
    pressure: () => undefined,
    onDesired: async () => ({ accepted: true }),
    onReadiness: () => undefined,
    onRequest: async () => ({ ok: true, value: [] }),
    onRevoked: () => undefined,
    onSkew: () => undefined,
    onServers: () => undefined,
    ...more,
  };
  const link = startLink({
    identity: () => identity,
    handlers,
    log,
    onOpen,
    onClosed: (reason) => closed.push(reason),
    onHopeless: () => hopeless.push('no server answered'),
    giveUpMs: GIVE_UP_MS,
  });
  links.push(link);
  return { link, closed, hopeless, handlers };
};

describe('joining', () => {
  test('J3 the key stays here and the identity is what the server gave', async () => {
    const identity = await joinPeer();
    expect(identity).toMatchObject({ clusterId: peer.clusterId, nodeId: peer.nodeId, servers: [peer.url] });
    expect(identity.keyPem).toContain('PRIVATE KEY');
  });

  test('S-32 another CA than the one in the command is refused before the token is sent', async () => {
    const refusal = join({ server: peer.url, caSha256: 'ab'.repeat(32), token: 'do not send', facts });
    await expect(refusal).rejects.toThrow('is not the one in your command');
  });

  test('a token that the server refuses is told in its words', async () => {
    const refusal = join({ server: peer.url, caSha256: peer.caSha256, token: 'wrong', facts });
    await expect(refusal).rejects.toThrow('The token is not valid any more.');
  });

  test('J5 a certificate past two thirds of its life is renewed with a new key, a young one is not', async () => {
    const young = await joinPeer();
    expect(await renew(young, new Date())).toBeUndefined();
    const old = await renew(young, new Date(Date.now() + 10 * 3_600_000));
    expect(peer.renewals).toBe(1);
    expect(old?.certificatePem).not.toBe(young.certificatePem);
    expect(old?.keyPem).not.toBe(young.keyPem);
  });
});

describe('the connection', () => {
  test('says hello first and beats from then on', async () => {
    dial(await joinPeer());
    await eventually(() => peer.beats.length > 1);
    expect(peer.hellos).toHaveLength(1);
  });

  test('Q1 a question is answered by a host whose clock is an hour ahead', async () => {
    peer.behindMs = 3_600_000;
    const { link } = dial(await joinPeer());
    await eventually(() => link.session() !== undefined);
    expect(await peer.request({ kind: 'containers' })).toEqual({ ok: true, value: [] });
  });

  test('comes back after the server hung up', async () => {
    const { link } = dial(await joinPeer());
    await eventually(() => peer.connected());
    expect(link.reconnects()).toBe(0);
    peer.disconnect();
    await eventually(() => peer.hellos.length === 2);
    await eventually(() => link.reconnects() === 1);
  });

  test('L2 F-12 is given up when the server answers nothing, and dialled anew', async () => {
    const { closed } = dial(await joinPeer());
    await eventually(() => peer.beats.length > 0);
    peer.answering = false;
    await eventually(() => closed.includes('the server answered none of 3 beats'));
    peer.answering = true;
    await eventually(() => peer.hellos.length === 2);
  });

  test('L2 that stood and could not be used is closed, and dialled anew', async () => {
    let opened = 0;
    const { closed, link } = dial(await joinPeer(), {}, () => {
      opened += 1;
      if (opened === 1) throw new Error('the outbox is gone');
    });
    await eventually(() => closed.some((reason) => reason.includes('the outbox is gone')));
    await eventually(() => peer.hellos.length === 2 && link.session() !== undefined);
    expect(peer.connected()).toBe(true);
  });

  test('L2 is hopeless when no server answers for long, so that the process starts anew', async () => {
    const { hopeless } = dial({ ...(await joinPeer()), servers: ['https://127.0.0.1:1'] });
    await eventually(() => hopeless.length > 0);
  });

  test('L2 is not hopeless while a server answers, however long it stands', async () => {
    const { hopeless } = dial(await joinPeer());
    const begun = Date.now();
    await eventually(() => peer.beats.length > 0 && Date.now() - begun > 2 * GIVE_UP_MS);
    expect(hopeless).toEqual([]);
  });

  test('S-32 a server of another CA is never spoken to', async () => {
    const identity = await joinPeer();
    const impostor = await startPeer();
    const { closed } = dial({ ...identity, servers: [impostor.url] });
    await eventually(() => closed.length > 0);
    expect(impostor.hellos).toHaveLength(0);
    await impostor.close();
  });

  test("S-32 a node's certificate of the same CA cannot stand in for a server's", async () => {
    const identity = await joinPeer();
    const { keyPem, csrPem } = await makeKeyAndRequest();
    const certificatePem = await peer.authority.client(csrPem, randomUUID());
    const authority = { ...peer.authority, server: async () => ({ certificatePem, keyPem }) };
    const impostor = await startPeer({ authority });
    const { closed } = dial({ ...identity, servers: [impostor.url] });
    await eventually(() => closed.some((reason) => reason.includes("does not match certificate's")));
    expect(impostor.hellos).toHaveLength(0);
    await impostor.close();
  });

  test('L5 servers that come while the connection stands are learnt from a beat', async () => {
    const learnt: string[][] = [];
    dial(await joinPeer(), { onServers: (servers) => learnt.push([...servers]) });
    await eventually(() => peer.beats.length > 0);
    expect(learnt).toEqual([]);
    peer.servers = [peer.url, 'https://127.0.0.2:7401'];
    await eventually(() => learnt.length > 0);
    expect(learnt[0]).toEqual(peer.servers);
  });

  test('L3 the servers are tried in turn until one answers', async () => {
    const identity = await joinPeer();
    dial({ ...identity, servers: ['https://127.0.0.1:1', peer.url] });
    await eventually(() => peer.hellos.length === 1);
  });
});

describe('S-47 desired documents', () => {
  const receiverFor = (identity: Identity, have = { epoch: 1, generation: 5 }) => {
    const stored: DesiredDocument[] = [];
    const refused: string[] = [];
    const receive = desiredReceiver({
      identity: () => identity,
      have: () => stored.at(-1) ?? have,
      store: async (next) => void stored.push(next),
      onRefused: (reason) => refused.push(reason),
    });
    return { stored, refused, receive };
  };
  const connected = async () => {
    const identity = await joinPeer();
    const receiver = receiverFor(identity);
    dial(identity, { onDesired: receiver.receive });
    await eventually(() => peer.connected());
    return receiver;
  };

  test('D5 a large one travels in parts and arrives whole', async () => {
    const { stored } = await connected();
    const keepImages = Array.from({ length: 8_000 }, () => `sha256:${'a'.repeat(64)}`);
    expect(await peer.send(document(peer, 6, [], { keepImages }))).toEqual({ accepted: true });
    expect(stored[0]?.keepImages).toHaveLength(8_000);
  });

  test('V1 what a newer server adds is ignored, at any depth', async () => {
    const { stored } = await connected();
    const digest = Digest.parse(`sha256:${'a'.repeat(64)}`);
    const one = task({
      pin: { kind: 'digest', reference: 'r/web:1', registry: 'r', repository: 'web', digest },
    });
    const newer = { ...one, spec: { ...one.spec, futureKnob: 1, update: { ...one.spec.update, pace: 2 } } };
    const bytes = Buffer.from(JSON.stringify({ ...document(peer, 6, [newer]), colour: 'blue' }));
    expect(await peer.sendBytes(bytes, { epoch: 1, generation: 6 })).toEqual({ accepted: true });
    expect(stored[0]?.tasks[0]?.spec).toEqual(one.spec);
  });

  test('D2 one of an older generation or epoch is refused, the same once more does nothing', async () => {
    const { stored } = await connected();
    expect(await peer.send(document(peer, 4, []))).toMatchObject({ accepted: false });
    expect(await peer.send(document(peer, 99, [], { epoch: 0 }))).toMatchObject({ accepted: false });
    expect(await peer.send(document(peer, 5, []))).toEqual({ accepted: true });
    expect(stored).toHaveLength(0);
  });

  test('S-29 D4 one for another node or cluster is refused', async () => {
    const { stored, refused } = await connected();
    await peer.send(document({ ...peer, nodeId: randomUUID() }, 6, []));
    await peer.send(document({ ...peer, clusterId: randomUUID() }, 6, []));
    expect(refused).toEqual(['it is for another node', 'it is for another cluster']);
    expect(stored).toHaveLength(0);
  });

  test('D1 one that was changed after it was signed is refused', async () => {
    const { stored, refused, receive } = receiverFor(await joinPeer());
    const { signDesired } = await import('@portreeve/agent-protocol');
    const bytes = Buffer.from(JSON.stringify(document(peer, 6, [])));
    const signature = signDesired(bytes, peer.assignment.keyPem);
    const changed = Buffer.from(bytes.toString().replace('"generation":6', '"generation":7'));
    await receive({
      epoch: 1,
      generation: 7,
      part: 0,
      parts: 1,
      bytes: changed,
      signature,
      keyCertificate: peer.assignment.certificatePem,
    });
    expect(refused).toEqual(['its signature does not match its content']);
    expect(stored).toHaveLength(0);
  });

  const bytesOf = (generation: number) => Buffer.from(JSON.stringify(document(peer, generation, [])));

  test('D3 any key that a trusted CA certified for it is accepted: the key may be rotated while agents stand', async () => {
    const { stored } = await connected();
    expect(await peer.send(document(peer, 6, []))).toEqual({ accepted: true });
    const next = await peer.authority.assignment(peer.clusterId);
    expect(await peer.sendBytes(bytesOf(7), { epoch: 1, generation: 7 }, next)).toEqual({ accepted: true });
    expect(stored.map(({ generation }) => generation)).toEqual([6, 7]);
  });

  test('D2 D3 after a rotation nothing old comes back, by the old key or signed anew', async () => {
    const { stored } = await connected();
    const next = await peer.authority.assignment(peer.clusterId);
    await peer.sendBytes(bytesOf(7), { epoch: 1, generation: 7 }, next);
    for (const key of [peer.assignment, next]) {
      const older = await peer.sendBytes(bytesOf(6), { epoch: 1, generation: 6 }, key);
      expect(older).toMatchObject({ accepted: false, reason: expect.stringContaining('older') });
      await peer.sendBytes(bytesOf(7), { epoch: 1, generation: 7 }, key);
    }
    expect(stored).toHaveLength(1);
  });

  test('D3 every trust anchor of the host may certify the key: the CA may be rotated', async () => {
    const identity = await joinPeer();
    const [coming, foreign] = [await makeAuthority(), await makeAuthority()];
    const { stored, refused, receive } = receiverFor({
      ...identity,
      caCertificates: [...identity.caCertificates, coming.caPem],
    });
    dial(identity, { onDesired: receive });
    await eventually(() => peer.connected());
    const [good, bad] = [await coming.assignment(peer.clusterId), await foreign.assignment(peer.clusterId)];
    await peer.sendBytes(bytesOf(6), { epoch: 1, generation: 6 }, good);
    await peer.sendBytes(bytesOf(7), { epoch: 1, generation: 7 }, bad);
    expect(stored.map(({ generation }) => generation)).toEqual([6]);
    expect(refused).toEqual(['its signing key is not certified by a CA that this host trusts']);
  });

  test('D3 S-32 one signed by a key that another CA certified, or that is not the assignment key, is refused', async () => {
    const { stored, refused } = await connected();
    const foreign = await (await makeAuthority()).assignment(peer.clusterId);
    const bytes = Buffer.from(JSON.stringify(document(peer, 6, [])));
    await peer.sendBytes(bytes, { epoch: 1, generation: 6 }, foreign);
    const misnamed = await peer.authority.assignment(randomUUID());
    await peer.sendBytes(bytes, { epoch: 1, generation: 6 }, misnamed);
    expect(refused).toEqual([
      'its signing key is not certified by a CA that this host trusts',
      'its certificate is not that of the assignment key',
    ]);
    expect(stored).toHaveLength(0);
  });
});
