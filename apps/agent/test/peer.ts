import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { createServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';
import {
  type BulkData,
  BulkHello,
  type DesiredAnswer,
  type DesiredDocument,
  Hello,
  type JoinAnswer,
  JoinRequest,
  RenewRequest,
  Report,
  type RequestAnswer,
  type RequestBody,
  signDesired,
  type TaskReport,
} from '@portreeve/agent-protocol';
import { Server, type Socket } from 'socket.io';
import { type Authority, type Issued, makeAuthority } from './authority.ts';

const PART = 256 * 1024;

export type Peer = {
  url: string;
  clusterId: string;
  nodeId: string;
  caSha256: string;
  authority: Authority;
  assignment: Issued;
  token: string;
  /** Everything the agent said. */
  hellos: Hello[];
  beats: unknown[];
  reports: Report[];
  facts: unknown[];
  leaving: unknown[];
  renewals: number;
  /** The newest report of each task. */
  tasks: Map<string, TaskReport>;
  connected(): boolean;
  /** Signs and sends; the answer of the last part. */
  send(document: DesiredDocument): Promise<DesiredAnswer>;
  sendBytes(
    bytes: Uint8Array,
    order: { epoch: number; generation: number },
    key?: Issued,
  ): Promise<DesiredAnswer>;
  request(body: RequestBody): Promise<RequestAnswer>;
  emit(event: string, payload: unknown): void;
  disconnect(): void;
  /** What came over a bulk connection, by stream id. */
  bulk: Map<string, BulkStream>;
  /** The server does not answer reports while this is false. */
  storing: boolean;
  /** Beats are answered while this is true. */
  answering: boolean;
  /** So much is its clock behind. */
  behindMs: number;
  /** Told with the answer to the next beat. */
  servers: string[] | undefined;
  close(): Promise<void>;
};

export type BulkStream = { hello: BulkHello; socket: Socket; data: BulkData[]; end?: { reason: string } };

type PeerOptions = { host?: string; port?: number; authority?: Authority; certificateLifeMs?: number };

/** The server's end of the protocol and nothing else of a server: real TLS, real socket.io, its own CA. */
export const startPeer = async (options: PeerOptions = {}): Promise<Peer> => {
  const host = options.host ?? '127.0.0.1';
  const authority = options.authority ?? (await makeAuthority());
  const clusterId = randomUUID();
  const nodeId = randomUUID();
  const [own, assignment] = await Promise.all([authority.server(), authority.assignment(clusterId)]);
  const https: HttpsServer = createServer(
    {
      key: own.keyPem,
      cert: own.certificatePem,
      ca: [authority.caPem],
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
    },
    async (request, response) => {
      const reply = (status: number, body: unknown): void => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      };
      if (request.url === '/ca.pem') return reply(200, authority.caPem);
      if (request.url === '/join' && request.method === 'POST') {
        const ask = JoinRequest.parse(JSON.parse(await text(request)));
        if (ask.token !== peer.token) return reply(403, { detail: 'The token is not valid any more.' });
        const answer: JoinAnswer = {
          clusterId,
          clusterName: 'test',
          nodeId,
          nodeName: ask.name ?? ask.facts.hostname,
          certificatePem: await authority.client(ask.csrPem, nodeId, options.certificateLifeMs),
          caCertificates: [authority.caPem],
          servers: [peer.url],
        };
        return reply(200, answer);
      }
      if (request.url === '/renew' && (request.socket as TLSSocket).authorized) {
        const ask = RenewRequest.parse(JSON.parse(await text(request)));
        peer.renewals += 1;
        return reply(200, {
          certificatePem: await authority.client(ask.csrPem, nodeId),
          caCertificates: [authority.caPem],
        });
      }
      if (!request.url?.startsWith('/socket.io')) reply(404, { detail: 'not here' });
    },
  );
  const now = (): Date => new Date(Date.now() - peer.behindMs);
  const io = new Server(https, { transports: ['websocket'], serveClient: false });
  let current: Socket | undefined;

  const agent = io.of('/agent');
  agent.use((socket, next) => {
    const tls = socket.request.socket as TLSSocket;
    next(tls.authorized ? undefined : new Error('no certificate'));
  });
  agent.on('connection', (socket) => {
    socket.on('hello', (raw, answer) => {
      const hello = Hello.parse(raw);
      peer.hellos.push(hello);
      current = socket;
      answer({
        ok: true,
        protocol: 1,
        serverId: randomUUID(),
        servers: [peer.url],
        beatMs: 500,
        leaseMs: 5_000,
        order: hello.have,
        caCertificates: [authority.caPem],
        clock: now().toISOString(),
      });
    });
    socket.on('beat', (raw, answer) => {
      peer.beats.push(raw);
      if (!peer.answering) return;
      answer({ clock: now().toISOString(), beatMs: 500, leaseMs: 5_000, servers: peer.servers });
    });
    socket.on('report', (raw, answer) => {
      const report = Report.parse(raw);
      if (!peer.storing) return answer({ stored: false, sequence: report.sequence, retryAfterMs: 100 });
      peer.reports.push(report);
      for (const task of report.tasks) peer.tasks.set(task.taskId, task);
      answer({ stored: true, sequence: report.sequence });
    });
    socket.on('facts', (raw, answer) => {
      peer.facts.push(raw);
      answer({ stored: true });
    });
    socket.on('leaving', (raw, answer) => {
      peer.leaving.push(raw);
      answer({ stored: true });
    });
    socket.on('disconnect', () => {
      if (current === socket) current = undefined;
    });
  });

  io.of('/bulk').on('connection', (socket) => {
    socket.on('hello', (raw, answer) => {
      const hello = BulkHello.parse(raw);
      const stream: BulkStream = { hello, socket, data: [] };
      peer.bulk.set(hello.streamId, stream);
      socket.on('data', (data: BulkData) => stream.data.push(data));
      socket.on('end', (end: { reason: string }) => {
        stream.end = end;
      });
      answer?.({ ok: true });
    });
  });

  const live = (): Socket => {
    if (!current) throw new Error('the agent is not connected');
    return current;
  };

  const sendBytes: Peer['sendBytes'] = async (bytes, order, key = assignment) => {
    const parts = Math.max(1, Math.ceil(bytes.length / PART));
    let answer: DesiredAnswer = { accepted: true };
    for (let part = 0; part < parts && answer.accepted; part += 1) {
      const last = part === parts - 1;
      answer = await live()
        .timeout(10_000)
        .emitWithAck('desired', {
          ...order,
          part,
          parts,
          bytes: bytes.subarray(part * PART, (part + 1) * PART),
          signature: last ? signDesired(bytes, key.keyPem) : undefined,
          keyCertificate: last ? key.certificatePem : undefined,
        });
    }
    return answer;
  };

  const peer: Peer = {
    url: '',
    clusterId,
    nodeId,
    caSha256: createHash('sha256').update(authority.caPem).digest('hex'),
    authority,
    assignment,
    // Looked for in files later, these very sources among them.
    token: `test-${randomBytes(16).toString('hex')}`,
    hellos: [],
    beats: [],
    reports: [],
    facts: [],
    leaving: [],
    renewals: 0,
    tasks: new Map(),
    bulk: new Map(),
    storing: true,
    answering: true,
    behindMs: 0,
    servers: undefined,
    connected: () => current !== undefined,
    send: (document) => sendBytes(Buffer.from(JSON.stringify(document)), document),
    sendBytes,
    request: (body) =>
      live()
        .timeout(20_000)
        .emitWithAck('request', {
          id: randomUUID(),
          deadline: new Date(now().getTime() + 20_000).toISOString(),
          body,
        }),
    emit: (event, payload) => live().emit(event, payload),
    disconnect: () => current?.disconnect(true),
    close: async () => {
      await io.close();
    },
  };
  await new Promise<void>((resolve) => https.listen(options.port ?? 0, host, resolve));
  peer.url = `https://${host}:${(https.address() as AddressInfo).port}`;
  return peer;
};
