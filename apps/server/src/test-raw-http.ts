import { request } from 'node:http';

export type RawRequest = { method?: string; path: string; headers?: Record<string, string>; body?: string };
export type RawAnswer = { status: number; text: string };

/**
 * One request exactly as written: `fetch` would tidy up the path and forbid some headers and methods. Also says what
 * an asked upgrade is answered; one that is granted is 101 and ended.
 */
export const sendRaw = (base: string, { method = 'GET', path, headers = {}, body }: RawRequest) =>
  new Promise<RawAnswer>((resolve, reject) => {
    const { hostname, port } = new URL(base);
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const asked = request({
      ...{ hostname, port, method, path, agent: false },
      headers: { ...length, ...headers },
    });
    asked.on('response', (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
      );
    });
    asked.on('upgrade', (_, socket) => {
      socket.destroy();
      resolve({ status: 101, text: '' });
    });
    asked.on('error', reject);
    asked.end(body);
  });
