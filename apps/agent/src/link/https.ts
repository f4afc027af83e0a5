import { type Agent, request } from 'node:https';

const LIMIT = 1024 * 1024;
const TIMEOUT_MS = 15_000;

type Options = { method: 'GET' | 'POST'; body?: unknown; agent: Agent };

/** One small HTTPS call to a server; the answer's text with its status. */
export const callServer = (url: string, options: Options): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    const body = options.body === undefined ? undefined : JSON.stringify(options.body);
    const headers =
      body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const call = request(
      url,
      { method: options.method, agent: options.agent, headers, timeout: TIMEOUT_MS },
      (answer) => {
        const chunks: Buffer[] = [];
        let size = 0;
        answer.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > LIMIT) call.destroy(new Error('the answer is too large'));
          else chunks.push(chunk);
        });
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
        );
      },
    );
    call.on('timeout', () =>
      call.destroy(new Error(`${new URL(url).host} did not answer within ${TIMEOUT_MS / 1000} s`)),
    );
    call.on('error', reject);
    call.end(body);
  });

/** The sentence of a problem+json answer, or its status. */
export const problemOf = (answer: { status: number; text: string }): string => {
  try {
    const problem: { detail?: string; title?: string } = JSON.parse(answer.text);
    return problem.detail ?? problem.title ?? `status ${answer.status}`;
  } catch {
    return `status ${answer.status}`;
  }
};
