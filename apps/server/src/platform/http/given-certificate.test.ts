import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCa } from '../ca/certificates.ts';
import { givenCertificate } from './given-certificate.ts';

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
