import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { Agent, request } from 'node:https';
import { PemConverter, Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import {
  type DesiredDocument,
  type DesiredPart,
  type Hello,
  type JoinAnswer,
  JoinAnswer as JoinAnswerSchema,
  type Report,
  type Request,
  type TaskReport,
  verifyDesired,
  type Welcome,
} from '@portreeve/agent-protocol';
import { NodeFacts } from '@portreeve/domain';
import { io, type Socket } from 'socket.io-client';
import { v7 as uuid } from 'uuid';
import { vi } from 'vitest';
import type { z } from 'zod';

const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

export const facts = (hostname = 'host1'): NodeFacts =>
  NodeFacts.parse({
    hostname,
    os: 'debian',
    osVersion: '12',
    kernel: '6.1',
    architecture: 'amd64',
    bootId: 'boot',
    agentVersion: '0.1.0',
    capacity: { cpus: 4, memoryBytes: 8 * 2 ** 30, pids: 10_000 },
    engine: { reachable: true, name: 'docker', version: '29.0.0' },
    addresses: [{ interface: 'eth0', address: '10.77.0.5', prefix: 24 }],
    crossHostNetworks: { able: true },
  });

/** A key made here with a request for a certificate that asks for whatever it likes. */
export const makeCsr = async (
  name = 'CN=i-choose',
  algorithm = EC,
): Promise<{ keyPem: string; csrPem: string }> => {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const csr = await Pkcs10CertificateRequestGenerator.create({ name, keys, signingAlgorithm: algorithm });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { keyPem: PemConverter.encode(pkcs8, 'PRIVATE KEY'), csrPem: csr.toString('pem') };
};

export type Credentials = {
  ca?: string;
  keyPem?: string;
  certificatePem?: string;
  maxVersion?: 'TLSv1.1' | 'TLSv1.2';
};

const agentOf = ({ ca, keyPem, certificatePem, maxVersion }: Credentials): Agent =>
  new Agent({
    ca,
    key: keyPem,
    cert: certificatePem,
    servername: 'portreeve-server',
    keepAlive: false,
    ...(maxVersion && { maxVersion, minVersion: 'TLSv1' }),
  });

/** One HTTPS call as a host makes it. */
export const call = (
  url: string,
  credentials: Credentials,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: string }> =>
  new Promise((resolve, reject) => {
    const ask = request(
      url,
      {
        method: body === undefined ? 'GET' : 'POST',
        agent: agentOf(credentials),
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
        );
      },
    );
    ask.on('error', reject);
    ask.end(body === undefined ? undefined : JSON.stringify(body));
  });

export type Identity = JoinAnswer & { keyPem: string };

/** Joins as a host does; throws the problem's sentence when refused. */
export const join = async (url: string, caPem: string, token: string, name = 'host1'): Promise<Identity> => {
  const { keyPem, csrPem } = await makeCsr();
  // Where the machine is busy the database may be taken to be away for a moment: a host would be joined again then.
  const answer = await vi.waitFor(
    async () => {
      const tried = await call(`${url}/join`, { ca: caPem }, { token, csrPem, facts: facts(name), name });
      if (tried.status === 503) throw new Error(tried.body);
      return tried;
    },
    { timeout: 20_000, interval: 500 },
  );
  if (answer.status !== 200) throw new Error(JSON.parse(answer.body).detail);
  return { ...JoinAnswerSchema.parse(JSON.parse(answer.body)), keyPem };
};

/** A socket to a namespace; resolves when connected, rejects with the server's sentence. */
export const dial = (
  url: string,
  namespace: string,
  credentials: Credentials,
  extraHeaders: Record<string, string> = {},
): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = io(`${url}${namespace}`, {
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      agent: agentOf(credentials) as unknown as string,
      extraHeaders,
    });
    socket.once('connect', () => resolve(socket));
    socket.once('connect_error', (error) => {
      socket.close();
      reject(error);
    });
  });

type Greeting = z.infer<typeof Welcome>;
export type TestAgent = {
  socket: Socket;
  welcome: Greeting;
  /** Verified documents, oldest first. */
  documents: DesiredDocument[];
  readiness: { version: number; networks: { networkId: string; ready: string[] }[] }[];
  disconnected(): string | undefined;
  report(tasks: TaskReport[], more?: Partial<Report>): Promise<{ stored: boolean; retryAfterMs?: number }>;
  beat(): Promise<unknown>;
  close(): void;
};

/** A hello as this identity would say it. */
export const helloOf = (identity: Identity, over: Partial<Hello> = {}): Hello => ({
  protocol: { min: 1, max: 1 },
  agentVersion: '0.1.0',
  clusterId: identity.clusterId,
  nodeId: identity.nodeId,
  instanceId: uuid(),
  startedAt: new Date().toISOString(),
  clock: new Date().toISOString(),
  have: { epoch: 0, generation: 0 },
  facts: facts(identity.nodeName),
  ...over,
});

/** The agent's end of the protocol and nothing else of an agent. */
export const connectAgent = async (
  url: string,
  identity: Identity,
  over: Partial<Hello> = {},
  onRequest: (body: { kind: string }, request: Request, socket: Socket) => unknown = () => ({
    ok: true,
    value: [],
  }),
): Promise<TestAgent> => {
  const socket = await dial(url, '/agent', {
    ca: identity.caCertificates[0],
    keyPem: identity.keyPem,
    certificatePem: identity.certificatePem,
  });
  const documents: DesiredDocument[] = [];
  const readiness: TestAgent['readiness'] = [];
  let parts: DesiredPart[] = [];
  let ended: string | undefined;
  let sequence = 0;
  socket.on('disconnect', (reason) => {
    ended = reason;
  });
  socket.on('readiness', (message, ack) => {
    readiness.push(message);
    ack({ stored: true });
  });
  socket.on('request', async (message, ack) => ack(await onRequest(message.body, message, socket)));
  socket.on('desired', (part: DesiredPart, ack) => {
    parts = part.part === 0 ? [part] : [...parts, part];
    if (parts.length < part.parts) return ack({ accepted: true });
    const verified = verifyDesired(
      {
        bytes: Buffer.concat(parts.map(({ bytes }) => bytes)),
        signature: part.signature ?? '',
        keyCertificate: part.keyCertificate ?? '',
      },
      {
        clusterId: identity.clusterId,
        nodeId: identity.nodeId,
        trustAnchors: identity.caCertificates,
        now: new Date(),
        have: documents.at(-1) ?? { epoch: 0, generation: 0 },
      },
    );
    if (!verified.ok) return ack({ accepted: false, reason: verified.reason });
    documents.push(verified.document);
    ack({ accepted: true });
  });
  const welcome: Greeting = await socket.timeout(20_000).emitWithAck('hello', helloOf(identity, over));
  return {
    socket,
    welcome,
    documents,
    readiness,
    disconnected: () => ended,
    report: (tasks, more = {}) => {
      sequence += 1;
      const report: Report = { sequence, complete: false, tasks, exits: [], events: [], ...more };
      return socket.timeout(15_000).emitWithAck('report', report);
    },
    beat: () => socket.timeout(5_000).emitWithAck('beat', { sequence: 1, clock: new Date().toISOString() }),
    close: () => void socket.close(),
  };
};
