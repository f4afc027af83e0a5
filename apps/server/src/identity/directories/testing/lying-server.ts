import { connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { makeServerCertificate } from '../../../platform/ca/certificates.ts';

export type LyingServer = { port: number; received(): Buffer; end(): Promise<void> };

const listen = async (server: Server, host: string, sockets: Set<Socket>, chunks: Buffer[]) => {
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return {
    port: (server.address() as { port: number }).port,
    received: () => Buffer.concat(chunks),
    end: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** Takes connections, and answers what is said by `answer` or not at all. */
export const startLyingServer = (answer?: (asked: Buffer) => Buffer): Promise<LyingServer> => {
  const chunks: Buffer[] = [];
  const server = createServer((socket) => {
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if (answer) socket.write(answer(chunk));
    });
  });
  return listen(server, '127.0.0.1', new Set(), chunks);
};

/** `protocolError` to the extended request that begins TLS, under the request's own number. */
export const NO_START_TLS = (asked: Buffer): Buffer => {
  const answer = Buffer.from('300c02010078070a010204000400', 'hex');
  answer[4] = asked[4] ?? 0;
  return answer;
};

type Ca = Parameters<typeof makeServerCertificate>[0];
/** A TLS server on `host` with a certificate for this machine's names, of which `host` is none. */
export const startMisnamed = async (ca: Ca, host: string): Promise<LyingServer> => {
  const { certificatePem: cert, keyPem: key } = await makeServerCertificate(ca, []);
  const chunks: Buffer[] = [];
  const server = createTlsServer({ cert, key }, (socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  });
  server.on('tlsClientError', () => {});
  return listen(server, host, new Set(), chunks);
};

/** Passes on to `port`, and ends every connection after `bytes` of the answer. */
export const startCutter = async (port: number, bytes: number): Promise<LyingServer> => {
  const chunks: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    sockets.add(far);
    let left = bytes;
    far.on('error', () => near.destroy());
    near.on('close', () => far.destroy());
    near.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      far.write(chunk);
    });
    far.on('data', (chunk: Buffer) => {
      near.write(chunk.subarray(0, Math.max(0, left)));
      left -= chunk.length;
      if (left <= 0) near.end();
    });
  });
  return listen(server, '127.0.0.1', sockets, chunks);
};
