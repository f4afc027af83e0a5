import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, startTestServer, type TestServer } from '../../test-server.ts';

type Answer = { status: number; headers: Headers; body: string };

describe('whatever cannot be answered', () => {
  let test: TestServer;
  let admin: Client;
  beforeAll(async () => {
    test = await startTestServer();
    admin = await test.administrator();
  });
  afterAll(() => test.close());

  /** Exactly these bytes, which no client would send. */
  const bytes = (text: string): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const socket = connect(Number(new URL(test.server.consoleUrl).port), '127.0.0.1');
      let answer = '';
      socket.on('data', (chunk) => {
        answer += chunk;
      });
      socket.on('error', reject);
      socket.on('close', () => {
        const [head = '', body = ''] = answer.split('\r\n\r\n');
        const [first = '', ...lines] = head.split('\r\n');
        const headers = lines.map((line) => line.split(': ') as [string, string]);
        resolve({ status: Number(first.split(' ')[1]), headers: new Headers(headers), body });
      });
      socket.end(text);
    });
  const host = () => `host: ${new URL(test.server.consoleUrl).host}`;
  const isProblem = ({ status, headers, body }: Answer, expected: object): void => {
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(JSON.parse(body)).toMatchObject({ status, ...expected });
  };

  it('is a problem document, also where it is no request at all', async () => {
    const close = 'connection: close\r\n\r\n';
    isProblem(await bytes('nonsense\r\n\r\n'), { status: 400, code: 'request.invalid' });
    const large = `GET / HTTP/1.1\r\n${host()}\r\nx-large: ${'a'.repeat(20_000)}\r\n${close}`;
    isProblem(await bytes(large), { status: 413, code: 'too-large' });
    const undecodable = `GET /api/v1/%zz HTTP/1.1\r\n${host()}\r\n${close}`;
    isProblem(await bytes(undecodable), { status: 400, code: 'request.invalid' });
  });

  const send = async (method: string, path: string, headers = {}, body?: string): Promise<Answer> => {
    const answer = await fetch(`${test.server.consoleUrl}${path}`, {
      method,
      headers: { ...admin.headers, ...headers },
      ...(body !== undefined && { body }),
    });
    return { status: answer.status, headers: answer.headers, body: await answer.text() };
  };

  it('names the methods of a place that does not answer this one', async () => {
    const answer = await send('DELETE', '/api/v1/projects');
    isProblem(answer, { status: 405, code: 'method.not-allowed' });
    expect(answer.headers.get('allow')).toBe('GET, POST');
    expect((await send('PUT', '/healthz')).headers.get('allow')).toBe('GET, HEAD');
    isProblem(await send('DELETE', '/api/v1/nothing'), { status: 404, code: 'method.unknown' });
  });

  it('says that a body is no JSON, or of another type', async () => {
    isProblem(await send('POST', '/api/v1/projects', { 'content-type': 'text/plain' }, 'path=/a'), {
      ...{ status: 415, code: 'request.media-type' },
    });
    isProblem(await send('POST', '/api/v1/projects', { 'content-type': 'application/json' }, '{'), {
      ...{ status: 400, code: 'request.invalid' },
    });
  });

  it('is a key that could not be told from others, or a version that nothing ever had', async () => {
    const make = (headers: Record<string, string>) =>
      admin.call('POST', '/projects', { path: '/keyed' }, headers);
    for (const key of ['', 'k'.repeat(201)])
      expect(await make({ 'idempotency-key': key })).toMatchObject({ status: 400 });
    const made = await make({ 'idempotency-key': 'k'.repeat(200) });
    const { id } = made.json as { id: string };
    const far = { 'if-match': '"999999999999999"' };
    const edited = await admin.call('PATCH', `/projects/${id}`, { displayName: 'far' }, far);
    expect(edited).toMatchObject({ status: 409, json: { code: 'conflict.version' } });
  });

  it('says by which proof one would get in', async () => {
    const answer = await test.anonymous.call('GET', '/me');
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="portreeve"');
  });

  it('has an id that no other request has', async () => {
    const [one, other] = [await send('GET', '/api/v1/nothing'), await send('GET', '/api/v1/nothing')];
    const idOf = ({ body }: Answer): string => (JSON.parse(body) as { instance: string }).instance;
    expect(idOf(one)).toMatch(/^[0-9a-f-]{36}$/);
    expect(idOf(one)).not.toBe(idOf(other));
  });
});

describe('health', () => {
  it('is told to load balancers that ask by HEAD', async () => {
    const test = await startTestServer();
    for (const path of ['/healthz', '/readyz'])
      expect((await fetch(`${test.server.consoleUrl}${path}`, { method: 'HEAD' })).status).toBe(200);
    await test.close();
  });
});
