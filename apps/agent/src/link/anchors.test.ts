import 'reflect-metadata';
import { webcrypto, X509Certificate } from 'node:crypto';
import { BasicConstraintsExtension, cryptoProvider, X509CertificateGenerator } from '@peculiar/x509';
import { expect, test } from 'vitest';
import { provenAnchors } from './anchors.ts';

cryptoProvider.set(webcrypto as unknown as Crypto);
const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dates = { notBefore: new Date(Date.now() - 1_000), notAfter: new Date(Date.now() + 3_600_000) };
let serial = 16;

const make = async (name: string) => {
  const keys = await webcrypto.subtle.generateKey(EC, true, ['sign', 'verify']);
  const sign = async (subject: string, publicKey: CryptoKey, ca: boolean): Promise<string> => {
    serial += 1;
    const made = await X509CertificateGenerator.create({
      ...{ serialNumber: serial.toString(16), subject, issuer: `CN=${name}`, ...dates, publicKey },
      ...{ signingKey: keys.privateKey, signingAlgorithm: EC },
      extensions: [new BasicConstraintsExtension(ca, undefined, true)],
    });
    return made.toString('pem');
  };
  const pem = await sign(`CN=${name}`, keys.publicKey as unknown as CryptoKey, true);
  return { pem, sign, publicKey: keys.publicKey as unknown as CryptoKey };
};
const [old, next, evil] = await Promise.all([make('old'), make('next'), make('evil')]);
const prints = (pems: string[]) => pems.map((pem) => new X509Certificate(pem).fingerprint256);
const expectKept = (offered: string[], kept: string[], trusted = [old.pem]) =>
  expect(prints(provenAnchors(trusted, offered))).toEqual(prints(kept));

test('S-32 a server alone gives the host no other CA', () => {
  expectKept([evil.pem], [old.pem]);
  expectKept([old.pem, evil.pem], [old.pem]);
  expectKept([], [old.pem]);
  expectKept(['nonsense'], [old.pem]);
});

test('S-32 one that merely calls itself like ours, or is signed by itself, is no proof', async () => {
  const namesake = await make('old');
  const own = await namesake.sign('CN=old', evil.publicKey, true);
  expectKept([namesake.pem, own, evil.pem], [old.pem]);
});

test('S-32 a certificate of ours that is no CA vouches for none', async () => {
  const leaf = await old.sign('CN=portreeve-server', evil.publicKey, false);
  expectKept([leaf, evil.pem], [old.pem]);
});

test('S-31 a new CA that the old one signed is taken beside it, and may then stand alone', async () => {
  const crossed = await old.sign('CN=next', next.publicKey, true);
  expectKept([old.pem, next.pem, crossed], [old.pem, next.pem]);
  expectKept([next.pem, crossed], [next.pem]);
  expectKept([next.pem], [next.pem], [old.pem, next.pem]);
});

test('S-31 what is kept is to the letter what was offered', () => {
  expect(provenAnchors([old.pem], [`${old.pem}\n`])).toEqual([`${old.pem}\n`]);
});
