import 'reflect-metadata';
import { webcrypto, X509Certificate } from 'node:crypto';
import { Agent, request } from 'node:https';
import type { TLSSocket } from 'node:tls';
import * as x509 from '@peculiar/x509';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { provenAnchors } from '../../../agent/src/link/anchors.ts';
import { call, connectAgent, dial, facts, type Identity, join } from '../agents/testing/test-agent.ts';
import { createServer, type PortreeveServer } from '../app.ts';
import { type KeyedCertificate, makeCa } from '../platform/ca/certificates.ts';
import { rowCounts } from '../test-rows.ts';
import { type Client, startTestServer, type TestServer } from '../test-server.ts';

let site: TestServer;
let admin: Client;
beforeAll(async () => {
  site = await startTestServer();
  admin = await site.administrator();
});
afterAll(() => site.close());

const db = () => site.db.database.prisma;
const caPem = () => site.server.platform.ca.certificatePem;
const url = () => site.server.agentUrl;
const credentialsOf = ({ keyPem, certificatePem }: Identity, ca = caPem()) => ({
  ca,
  keyPem,
  certificatePem,
});
type Made = { token: string; view: { id: string } };
const makeToken = async (body: object = {}): Promise<Made> => {
  const answer = await admin.call('POST', '/join-tokens', body);
  expect(answer.status, answer.text).toBe(200);
  return answer.json;
};
const joined = async (name: string): Promise<Identity> =>
  join(url(), caPem(), (await makeToken()).token, name);

const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
/** A request for everything that a host must not get. */
const greedyCsr = async (): Promise<string> => {
  const keys = await webcrypto.subtle.generateKey(EC, true, ['sign', 'verify']);
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({
    name: 'CN=portreeve-server,O=admins',
    keys,
    signingAlgorithm: EC,
    extensions: [
      new x509.BasicConstraintsExtension(true, 3, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'portreeve-server' }]),
    ],
  });
  return csr.toString('pem');
};

test('S-30 whatever a request asks for, the certificate is for a node, for a client, and signs nothing', async () => {
  const { token } = await makeToken();
  const body = { token, csrPem: await greedyCsr(), facts: facts('greedy') };
  const answer = await call(`${url()}/join`, { ca: caPem() }, body);
  const { nodeId, certificatePem } = JSON.parse(answer.body) as Identity;
  const certificate = new X509Certificate(certificatePem);
  expect(certificate).toMatchObject({ subject: `CN=${nodeId}`, ca: false, subjectAltName: undefined });
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  expect(certificate.checkHost('portreeve-server')).toBeUndefined();
  const parsed = new x509.X509Certificate(certificatePem);
  expect(parsed.getExtension(x509.KeyUsagesExtension)?.usages).toBe(x509.KeyUsageFlags.digitalSignature);
});

test('S-30 of agents that race with one token one wins, and the rest leave neither node nor audit entry', async () => {
  const { token, view } = await makeToken();
  const nodes = await db().node.count();
  const outcomes = await Promise.allSettled(
    Array.from({ length: 6 }, (_, i) => join(url(), caPem(), token, `race-${i}`)),
  );
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await db().node.count()).toBe(nodes + 1);
  const entries = await db().auditEntry.findMany({ where: { action: 'node.join' } });
  expect(entries.filter(({ detail }) => JSON.stringify(detail).includes(view.id))).toHaveLength(1);
});

test('S-30 a token that was used, ran out, was revoked or replaced makes nothing', async () => {
  const used = await makeToken();
  const winner = await join(url(), caPem(), used.token, 'winner');
  const [late, revoked] = [await makeToken(), await makeToken()];
  await db().joinToken.update({ where: { id: late.view.id }, data: { expiresAt: new Date() } });
  await admin.call('DELETE', `/join-tokens/${revoked.view.id}`);
  await makeToken({ description: 'in its place' });
  const replayed = await makeToken({ nodeId: winner.nodeId });
  await join(url(), caPem(), replayed.token);
  const before = await rowCounts(site.db.database);
  const entries = await db().auditEntry.count();
  for (const [token, why] of [
    [used.token, 'used up'],
    [late.token, 'expired'],
    [revoked.token, 'revoked'],
    [replayed.token, 'used up'],
    [`${used.token}x`, 'not known'],
    [used.token.toUpperCase(), 'not known'],
    ['', 'not known'],
  ] as const)
    await expect(join(url(), caPem(), token), why).rejects.toThrow(why);
  expect(await rowCounts(site.db.database)).toEqual(before);
  expect(await db().auditEntry.count()).toBe(entries);
});

test('S-30 a token for one node brings in no other, whatever the host says it is', async () => {
  const node = await joined('own');
  const { token } = await makeToken({ nodeId: node.nodeId });
  const again = await join(url(), caPem(), token, 'somebody-else');
  expect(again).toMatchObject({ nodeId: node.nodeId, nodeName: 'own' });
  await expect(dial(url(), '/agent', credentialsOf(node))).rejects.toThrow('revoked');
});

test('S-30 a join token opens nothing else, and no other token joins', async () => {
  const { token } = await makeToken();
  const bearer = { authorization: `Bearer ${token}` };
  expect((await site.anonymous.call('GET', '/nodes', undefined, bearer)).status).toBe(401);
  const { token: personal } = (await admin.call('POST', '/me/tokens', { name: 'x' })).json as Made;
  await expect(join(url(), caPem(), personal)).rejects.toThrow('not known');
});

/** A call whose TLS session may be one that was kept. */
const renewWith = (agent: Agent): Promise<{ status: number; reused: boolean; text: string }> =>
  new Promise((resolve, reject) => {
    const asked = request(`${url()}/renew`, { method: 'POST', agent }, (answer) => {
      const reused = (answer.socket as TLSSocket).isSessionReused();
      let text = '';
      answer.on('data', (chunk) => (text += chunk));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, reused, text }));
    });
    asked.on('error', reject);
    asked.setHeader('content-type', 'application/json');
    asked.end('{}');
  });

test('S-31 a TLS session from before the revocation opens nothing after it', async () => {
  const node = await joined('resumed');
  const agent = new Agent({
    ...{ ca: caPem(), key: node.keyPem, cert: node.certificatePem },
    ...{ servername: 'portreeve-server', keepAlive: false },
  });
  // Refused for its body only: who it is was known.
  expect(await renewWith(agent)).toMatchObject({ status: 400 });
  const resumed = await renewWith(agent);
  expect((await admin.call('DELETE', `/nodes/${node.nodeId}`)).status).toBe(204);
  const after = await renewWith(agent);
  expect(after.reused).toBe(resumed.reused);
  expect(after).toMatchObject({ status: 403, text: expect.stringContaining('removed') });
});

test.each(['TLSv1.1', 'TLSv1.2'] as const)(
  'S-31 %s is refused, with a good certificate too',
  async (maxVersion) => {
    const credentials = { ...credentialsOf(await joined(`old-${maxVersion}`.toLowerCase())), maxVersion };
    await expect(call(`${url()}/ca.pem`, credentials)).rejects.toThrow();
    await expect(dial(url(), '/agent', credentials)).rejects.toThrow();
  },
);

test('S-31 no certificate, one that signed itself, and another cluster’s open no socket and renew nothing', async () => {
  const node = await joined('foreign');
  const foreign = await makeCa(site.server.platform.clusterId);
  for (const credentials of [
    { ca: caPem() },
    { ca: caPem(), keyPem: foreign.keyPem, certificatePem: foreign.certificatePem },
  ]) {
    await expect(dial(url(), '/agent', credentials)).rejects.toThrow();
    await expect(dial(url(), '/bulk', credentials)).rejects.toThrow();
    expect((await call(`${url()}/renew`, credentials, { csrPem: await greedyCsr() })).status).toBe(403);
  }
  expect(await db().nodeCertificate.count({ where: { nodeId: node.nodeId } })).toBe(1);
});

test('S-31 a revocation whose word was lost ends the connections all the same', async () => {
  const [one, two] = [await joined('deaf-1'), await joined('deaf-2')];
  const agents = [await connectAgent(url(), one), await connectAgent(url(), two)];
  const bulk = await dial(url(), '/bulk', credentialsOf(one));
  // As after a failover: what was committed meanwhile was told to nobody.
  await db().nodeCertificate.updateMany({ where: { nodeId: one.nodeId }, data: { revokedAt: new Date() } });
  await db().node.update({ where: { id: two.nodeId }, data: { removedAt: new Date() } });
  await db().$queryRaw`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND query ILIKE 'listen%'`;
  await expect.poll(() => agents.map((agent) => agent.disconnected() !== undefined)).toEqual([true, true]);
  await expect.poll(() => bulk.connected).toBe(false);
});

test('S-31 a connection ends when the certificate does that it was opened with', async () => {
  const node = await joined('ending');
  await db().nodeCertificate.updateMany({
    where: { nodeId: node.nodeId },
    data: { notAfter: new Date(Date.now() + 2_000) },
  });
  const agent = await connectAgent(url(), node);
  expect(agent.welcome.ok).toBe(true);
  await expect.poll(() => agent.disconnected()).toBeDefined();
  await expect(dial(url(), '/agent', credentialsOf(node))).rejects.toThrow('expired');
});

/** The old CA's word for the new one's key. */
const vouch = async (oldPem: string, oldKeyPem: string, nextPem: string): Promise<string> => {
  const [issuer, subject] = [new x509.X509Certificate(oldPem), new x509.X509Certificate(nextPem)];
  const pkcs8 = x509.PemConverter.decodeFirst(oldKeyPem);
  const made = await x509.X509CertificateGenerator.create({
    ...{
      serialNumber: '7001',
      subject: subject.subject,
      issuer: issuer.subject,
      publicKey: subject.publicKey,
    },
    ...{ notBefore: subject.notBefore, notAfter: subject.notAfter, signingAlgorithm: EC },
    signingKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, EC, false, ['sign']),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      await x509.SubjectKeyIdentifierExtension.create(subject.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return made.toString('pem');
};

test('S-31 through a change of CA those that were there go on, and those that were away join again as themselves', async () => {
  const [online, offline] = [await joined('online'), await joined('offline')];
  const old = await db().clusterKey.findFirstOrThrow({ where: { purpose: 'ca', active: true } });
  const { keys, options, clusterId } = site.server.platform;
  const next = await makeCa(clusterId);
  const keep = async ({ certificatePem, keyPem, notAfter }: KeyedCertificate): Promise<string> => {
    const id = uuid();
    const sealedKey = keys.seal(keyPem, `cluster-key:${id}`);
    await db().clusterKey.create({
      data: { id, purpose: 'ca', certificatePem, notAfter, sealedKey, active: false },
    });
    return id;
  };
  const id = await keep(next);
  const oldKey = keys.unseal(old.sealedKey, `cluster-key:${old.id}`);
  await keep({ ...next, certificatePem: await vouch(old.certificatePem, oldKey, next.certificatePem) });
  const during = async (work: (server: PortreeveServer) => Promise<void>): Promise<void> => {
    const server = await createServer(options);
    await work(server).finally(server.close);
  };
  let anchors = '';
  await during(async ({ agentUrl }) => {
    const agent = await connectAgent(agentUrl, online);
    if (agent.welcome.ok)
      anchors = provenAnchors(online.caCertificates, agent.welcome.caCertificates).join('\n');
    agent.close();
  });
  expect(anchors).toContain(old.certificatePem.trim());
  expect(anchors).toContain(next.certificatePem.trim());

  await db().clusterKey.update({ where: { id: old.id }, data: { active: false } });
  await db().clusterKey.update({ where: { id }, data: { active: true } });
  await during(async ({ agentUrl }) => {
    const stays = { ...online, caCertificates: [anchors] };
    expect((await connectAgent(agentUrl, stays)).welcome.ok).toBe(true);
    await expect(connectAgent(agentUrl, offline)).rejects.toThrow();
    const { token } = await makeToken({ nodeId: offline.nodeId });
    const back = await join(agentUrl, next.certificatePem, token, 'offline');
    expect(back.nodeId).toBe(offline.nodeId);
    const caCertificates = provenAnchors([next.certificatePem], back.caCertificates);
    expect((await connectAgent(agentUrl, { ...back, caCertificates })).welcome.ok).toBe(true);
  });
});
