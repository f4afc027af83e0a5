import { createHmac } from 'node:crypto';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectAt } from '../access/test-people.ts';
import { type Client, startTestServer, type TestServer } from '../test-server.ts';
import { type ChainLine, FIRST_HASH, sealHash } from './chain.ts';

type Forward = {
  id: string;
  sent: string;
  behind: number;
  lastError: string;
  target: string;
  enabled: boolean;
};
type Syslog = { sequence: number; previous: string; hash: string; entry: ChainLine['entry'] };

let site: TestServer;
let admin: Client;
let caPem: string;
beforeAll(async () => {
  site = await startTestServer();
  admin = await site.administrator();
  const { ca } = site.server.platform;
  const row = await site.db.database.prisma.clusterKey.findFirstOrThrow({ where: { purpose: 'ca' } });
  caPem = row.certificatePem;
  certificate = await ca.serverCertificate(['127.0.0.1']);
});
afterAll(() => site?.close());

let certificate: { certificatePem: string; keyPem: string };
const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const closing = (server: Server) => new Promise<void>((resolve) => server.close(() => resolve()));

/** Frames of RFC 5425 as a receiver counts them: octets, not characters. */
const framesOf = (bytes: Buffer): string[] => {
  const frames: string[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const space = rest.indexOf(0x20);
    const length = Number(rest.subarray(0, space).toString());
    if (!(length > 0) || rest.length < space + 1 + length)
      throw new Error(`bad frame: ${rest.subarray(0, 80)}`);
    frames.push(rest.subarray(space + 1, space + 1 + length).toString('utf8'));
    rest = rest.subarray(space + 1 + length);
  }
  return frames;
};
const MESSAGE =
  /^<(\d+)>1 (\S+Z) (\S+) portreeve - (\S+) \[audit@32473 sequence="(\d+)" hash="(\w+)" previous="(\w+)" [^\n]*?\] \ufeff(\{.*\})$/;
const parsed = (frame: string): Syslog => {
  const [, priority, , , , sequence, hash = '', previous = '', json = ''] = MESSAGE.exec(frame) ?? [];
  if (priority === undefined) throw new Error(`no message of RFC 5424: ${frame}`);
  expect(['108', '110']).toContain(priority);
  return { sequence: Number(sequence), hash, previous, entry: JSON.parse(json) };
};

/** A receiver of syslog over TLS; `refuseNext` resets the next connection, as one that crashes does. */
const startSyslog = async () => {
  const got: Syslog[] = [];
  let resets = 0;
  const server = createTlsServer(
    { cert: certificate.certificatePem, key: certificate.keyPem, allowHalfOpen: false },
    (socket) => {
      socket.on('error', () => undefined);
      const chunks: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      socket.on('end', () => got.push(...framesOf(Buffer.concat(chunks)).map(parsed)));
    },
  );
  server.on('connection', (socket) => {
    if (resets > 0) socket.resetAndDestroy();
    resets = Math.max(0, resets - 1);
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, got, port: portOf(server), refuseNext: () => (resets += 1) };
};

const create = async (body: object) => {
  const answer = await admin.call('POST', '/audit-forwards', body);
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.json as Forward;
};
const stateOf = async (id: string): Promise<Forward> => {
  const { items } = (await admin.call('GET', '/audit-forwards')).json as { items: Forward[] };
  return items.find((item) => item.id === id) as Forward;
};
const retryNow = (id: string) =>
  site.db.database.prisma.auditForward.update({ where: { id }, data: { nextTryAt: new Date() } });
const gotAll = (id: string) =>
  expect.poll(() => stateOf(id), { timeout: 20_000 }).toMatchObject({ behind: 0, lastError: '' });

describe('the audit is forwarded', { timeout: 60_000 }, () => {
  it('to syslog over TLS from the beginning, each entry once, in order, with what recomputes its seal', async () => {
    const syslog = await startSyslog();
    await projectAt(site, '/öl');
    const target = { kind: 'syslog', name: 'logs', host: '127.0.0.1', port: syslog.port, caPem };
    const { id } = await create({ ...target, allowPrivateAddress: true, from: 'beginning' });
    await gotAll(id);
    await admin.call(
      'PATCH',
      '/settings',
      { clusterName: 'a "quoted] \\ name\u202e' },
      { 'if-match': '"1"' },
    );
    await expect
      .poll(() => syslog.got.map(({ entry }) => entry.action), { timeout: 20_000 })
      .toContain('settings.edit');
    await gotAll(id);
    let previousHash = FIRST_HASH;
    for (const [index, { sequence, previous, hash, entry }] of syslog.got.entries()) {
      expect(sequence).toBe(index + 1);
      expect(previous).toBe(previousHash);
      expect(sealHash(previous, BigInt(sequence), { ...entry, at: new Date(entry.at) })).toBe(hash);
      previousHash = hash;
    }
    await admin.call('DELETE', `/audit-forwards/${id}`);
    await closing(syslog.server);
  });

  it('again after the receiver was away or broke off, from where it had got, and says how far it is behind', async () => {
    const syslog = await startSyslog();
    const target = { kind: 'syslog', name: 'away', host: '127.0.0.1', port: syslog.port, caPem };
    const { id, sent } = await create({ ...target, allowPrivateAddress: true });
    await gotAll(id);
    const before = syslog.got.length;
    syslog.refuseNext();
    await projectAt(site, '/away-1');
    await admin.call('POST', '/projects', { path: '/away-2' });
    await expect.poll(async () => (await stateOf(id)).lastError, { timeout: 20_000 }).not.toBe('');
    expect((await stateOf(id)).behind).toBeGreaterThan(0);
    await retryNow(id);
    await gotAll(id);
    const numbers = syslog.got.map(({ sequence }) => sequence);
    expect(numbers[0]).toBe(Number(sent) + 1);
    expect(numbers.length).toBeGreaterThan(before);
    expect(numbers).toEqual(numbers.map((_, index) => Number(sent) + 1 + index));
    await admin.call('DELETE', `/audit-forwards/${id}`);
    await closing(syslog.server);
  });

  it('to no syslog server whose certificate the CA does not know', async () => {
    const syslog = await startSyslog();
    const target = { kind: 'syslog', name: 'stranger', host: '127.0.0.1', port: syslog.port };
    const { id } = await create({ ...target, allowPrivateAddress: true });
    const test = await admin.call('POST', `/audit-forwards/${id}/test`);
    expect(test.json).toMatchObject({ ok: false, text: expect.stringContaining('was not told') });
    expect(syslog.got).toEqual([]);
    await admin.call('DELETE', `/audit-forwards/${id}`);
    await closing(syslog.server);
  });

  it('S-9 to no private address, unless an administrator allowed it there', async () => {
    const { id } = await create({ kind: 'syslog', name: 'inside', host: '127.0.0.1', port: 1 });
    const other = await create({
      ...{ kind: 'webhook', name: 'inside too', url: 'http://127.0.0.1:1/', secret: 's'.repeat(16) },
    });
    for (const one of [id, other.id])
      expect((await admin.call('POST', `/audit-forwards/${one}/test`)).json).toMatchObject({
        ...{
          ok: false,
          text: '127.0.0.1 leads to 127.0.0.1, which is not an address of the public internet.',
        },
      });
    for (const one of [id, other.id]) await admin.call('DELETE', `/audit-forwards/${one}`);
  });

  it('to a webhook, signed, with the end of the chain; held, it gets nothing, and goes on where it stopped', async () => {
    const secret = 'a secret of the receiver';
    const got: { head: { sequence: string; hash: string }; entries: ChainLine[] }[] = [];
    let status = 204;
    const server = createHttpServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const { 'x-portreeve-timestamp': at, 'x-portreeve-signature': signature } = request.headers;
      const expected = `sha256=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}`;
      if (signature === expected && status === 204) got.push(JSON.parse(body));
      response.writeHead(signature === expected ? status : 401).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${portOf(server)}/audit`;
    const made = { kind: 'webhook', name: 'hook', url, secret, allowPrivateAddress: true };
    const { id, target } = await create(made);
    expect(target).toBe(new URL(url).origin);
    expect((await admin.call('POST', '/audit-forwards', made)).status).toBe(409);
    status = 500;
    await projectAt(site, '/hook-1');
    await admin.call('POST', '/projects', { path: '/hook-2' });
    await expect
      .poll(async () => (await stateOf(id)).lastError, { timeout: 20_000 })
      .toBe('The webhook answered 500.');
    await admin.call('POST', `/audit-forwards/${id}/hold`);
    status = 204;
    const held = await stateOf(id);
    expect(held).toMatchObject({ enabled: false });
    await admin.call('POST', `/audit-forwards/${id}/resume`);
    await gotAll(id);
    const lines = got.flatMap(({ entries }) => entries);
    const numbers = lines.map(({ sequence }) => Number(sequence));
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
    expect(lines.map(({ entry }) => entry.action)).toEqual(
      expect.arrayContaining([
        'audit-forward.create',
        'project.create',
        'audit-forward.hold',
        'audit-forward.resume',
      ]),
    );
    for (const { head, entries } of got)
      expect(head).toEqual({ sequence: entries.at(-1)?.sequence, hash: entries.at(-1)?.hash });
    expect(JSON.stringify(lines)).not.toContain(secret);
    await admin.call('DELETE', `/audit-forwards/${id}`);
    await closing(server);
  });
});
