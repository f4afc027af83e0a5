import type { LogLine, RequestBody } from '@portreeve/agent-protocol';
import type { StreamLine } from '@portreeve/contract';
import { ServiceSpec } from '@portreeve/domain';
import type { Socket } from 'socket.io-client';
import { v7 as uuid } from 'uuid';
import { expect } from 'vitest';
import { connectAgent, dial, type Identity, join, type TestAgent } from '../agents/testing/test-agent.ts';
import { createServer, type PortreeveServer } from '../app.ts';
import { openBrowserSocket } from '../live/test-socket.ts';
import { type Client, startTestServer, type TestServer } from '../test-server.ts';

export type OpenRequest = Extract<RequestBody, { kind: 'open-stream' }>;
type Host = {
  identity: Identity;
  agent: TestAgent;
  opened: { request: OpenRequest; bulk: Socket }[];
  comeBack(): Promise<void>;
};
type Page = {
  socket: Socket;
  lines: StreamLine[];
  bytes: () => string;
  ends: { reason: string; exitCode?: number }[];
};
type Answer = { ok: boolean; streamId: string; code?: string; message?: string };

/** Two servers of one cluster, and revision 7 of a service whose tasks a test starts on hosts of its own. */
export type StreamsStage = {
  server: TestServer;
  other: PortreeveServer;
  admin: Client;
  serviceId: string;
  /** A host whose agent dials in with every stream it is asked for, and then does what the test makes it do. */
  startHost(name: string, answer?: { opened: boolean; reason: string }, at?: PortreeveServer): Promise<Host>;
  startTask(host: Host, slot: number, over?: object): Promise<string>;
  endTasks(): Promise<unknown>;
  openPage(url?: string, client?: Client): Promise<Page>;
  /** A page of a token that may do no more than this. */
  openWith(permissions: string[]): Promise<{ token: string; socket: Socket }>;
  credentialsOf(identity: Identity): { ca: string; keyPem: string; certificatePem: string };
  close(): Promise<void>;
};

/** A line of standard output, that many seconds after the first moment. */
export const line = (taskId: string, second: number, text: string): LogLine => ({
  ...{ taskId, text, stream: 'stdout', attempt: 1 },
  at: new Date(1_700_000_000_000 + second * 1_000).toISOString(),
});

/** Asks for a stream, as the console does. */
export const open = (page: Page, request: object): Promise<Answer> =>
  page.socket.timeout(10_000).emitWithAck('open', request);

/** The connection on which the agent of a host brings what a task says. */
export const bulkOf = async (host: Host, taskId: string): Promise<Socket> => {
  const found = () => host.opened.find(({ request }) => request.open.taskId === taskId)?.bulk;
  await expect.poll(found).toBeDefined();
  return found() as Socket;
};

const storeService = async ({ db }: TestServer): Promise<{ serviceId: string; revisionId: string }> => {
  const { prisma } = db.database;
  const { id: projectId } = await prisma.project.findFirstOrThrow();
  const [stackId, serviceId, revisionId] = [uuid(), uuid(), uuid()];
  await prisma.stack.create({ data: { id: stackId, projectId, name: 'shop' } });
  await prisma.service.create({ data: { id: serviceId, stackId, name: 'web' } });
  const made = { id: revisionId, serviceId, number: 7, stackVersion: 1, specHash: 'x', createdBy: 'admin' };
  const spec = ServiceSpec.parse({ image: 'web' });
  await prisma.revision.create({ data: { ...made, pin: {}, spec, sealedEnvironment: '' } });
  return { serviceId, revisionId };
};

const showPage = (socket: Socket): Page => {
  const lines: StreamLine[] = [];
  const ends: Page['ends'] = [];
  const pieces: Buffer[] = [];
  socket.on('lines', (message: { streamId: string; lines: StreamLine[] }) => {
    lines.push(...message.lines);
    const bytes = message.lines.reduce((sum, { text }) => sum + text.length, 0);
    socket.emit('consumed', { streamId: message.streamId, bytes });
  });
  socket.on('bytes', (message: { bytes: Buffer }) => pieces.push(message.bytes));
  socket.on('end', (end) => ends.push(end));
  return { socket, lines, ends, bytes: () => Buffer.concat(pieces).toString() };
};

/** Starts the stage on a database of its own. */
export const startStreamsStage = async (): Promise<StreamsStage> => {
  const server = await startTestServer();
  const other = await createServer(server.server.platform.options);
  const admin = await server.administrator();
  const { serviceId, revisionId } = await storeService(server);
  const { prisma } = server.db.database;
  const ca = server.server.platform.ca.certificatePem;

  const credentialsOf: StreamsStage['credentialsOf'] = ({ keyPem, certificatePem }) => ({
    ...{ ca, keyPem, certificatePem },
  });
  const dialIn = async (identity: Identity, { streamId, token, url }: OpenRequest): Promise<Socket> => {
    const bulk = await dial(url, '/bulk', credentialsOf(identity));
    await bulk.timeout(5_000).emitWithAck('hello', { streamId, token, nodeId: identity.nodeId });
    return bulk;
  };
  const startHost: StreamsStage['startHost'] = async (
    name,
    answer = { opened: true, reason: '' },
    { agentUrl } = server.server,
  ) => {
    const { token } = (await admin.call('POST', '/join-tokens', {})).json as { token: string };
    const identity = await join(agentUrl, ca, token, name);
    const opened: Host['opened'] = [];
    const connect = () =>
      connectAgent(agentUrl, identity, {}, async (body) => {
        const request = body as OpenRequest;
        if (request.kind !== 'open-stream' || !answer.opened) return { ok: true, value: answer };
        opened.push({ request, bulk: await dialIn(identity, request) });
        return { ok: true, value: answer };
      });
    const host: Host = {
      ...{ identity, opened, agent: await connect() },
      comeBack: async () => {
        host.agent = await connect();
      },
    };
    return host;
  };

  return {
    ...{ server, other, admin, serviceId, startHost, credentialsOf },
    startTask: async ({ identity: { nodeId } }, slot, over = {}) => {
      const id = uuid();
      await prisma.task.create({
        data: { id, serviceId, revisionId, slot, nodeId, state: 'running', ...over },
      });
      return id;
    },
    endTasks: () => prisma.task.updateMany({ data: { state: 'stopped', endedAt: new Date(0) } }),
    openPage: async (url = server.server.consoleUrl, client = admin) =>
      showPage(await openBrowserSocket(url, client, { namespace: '/streams' })),
    openWith: async (permissions) => {
      const made = await admin.call('POST', '/me/tokens', { name: permissions.join('+'), permissions });
      const { token } = made.json as { token: string };
      const options = { namespace: '/streams', headers: {}, auth: { token } };
      return { token, socket: await openBrowserSocket(server.server.consoleUrl, undefined, options) };
    },
    close: async () => {
      await other.close();
      await server.close();
    },
  };
};
