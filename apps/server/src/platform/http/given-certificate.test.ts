import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCa } from '../ca/certificates.ts';
import { followCertificate, givenCertificate } from './given-certificate.ts';

let folder: string;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portreeve-given-'));
  for (const name of ['one', 'other']) {
    const { certificatePem, keyPem } = await makeCa('01900000-0000-7000-8000-000000000000');
    writeFileSync(at(`${name}.pem`), certificatePem);
    writeFileSync(at(`${name}.key`), keyPem);
  }
  writeFileSync(at('text'), 'hello');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a certificate given for the console', () => {
  it('is taken with its own key', () => {
    expect(givenCertificate(at('one.pem'), at('one.key')).certificatePem).toContain('BEGIN CERTIFICATE');
  });

  it.each<[string, string | undefined, string | undefined, RegExp]>([
    ['without a key', 'one.pem', undefined, /key of the console is missing/],
    [
      'that is not there',
      'none.pem',
      'one.key',
      /certificate of the console cannot be read: ENOENT.*none\.pem/,
    ],
    ['that is none', 'text', 'one.key', /text and .*one\.key are not a certificate and its key/],
    ['with the key of another', 'one.pem', 'other.key', /are not a certificate and its key: .*mismatch/],
  ])('%s is refused in a sentence', (_, cert, key, words) => {
    expect(() => givenCertificate(cert && at(cert), key && at(key))).toThrow(words);
  });
});

/** What a new connection is greeted with. */
const greetingOf = async (port: number): Promise<string> => {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
};

describe('a certificate that is renewed in its files', () => {
  it('greets new connections once both are a pair, and the old one does until then', async () => {
    const files = { cert: at('live.pem'), key: at('live.key') };
    const put = (name: string, what: 'cert' | 'key') =>
      writeFileSync(files[what], readFileSync(at(`${name}.${what === 'cert' ? 'pem' : 'key'}`)));
    put('one', 'cert');
    put('one', 'key');
    const { certificatePem: cert, keyPem: key } = givenCertificate(files.cert, files.key);
    const server = createServer({ cert, key });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const said: string[] = [];
    const log = (_: unknown, text?: string) => void said.push(text ?? '');
    const stop = followCertificate(server, files, { info: log, warn: log } as never, 20);
    try {
      const before = await greetingOf(port);
      put('other', 'cert');
      await expect.poll(() => said.join()).toContain('the old one stays');
      expect(await greetingOf(port)).toBe(before);
      put('other', 'key');
      await expect.poll(() => greetingOf(port)).not.toBe(before);
    } finally {
      stop();
      server.close();
    }
  });
});
