import 'reflect-metadata';
import { createPrivateKey, webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { signDesired, verifyDesired } from '@portreeve/agent-protocol';
import { v7 as uuid } from 'uuid';
import { describe, expect, it } from 'vitest';
import {
  fingerprint,
  makeAssignmentKey,
  makeCa,
  makeNodeCertificate,
  makeServerCertificate,
} from './certificates.ts';

const clusterId = uuid();
const ca = await makeCa(clusterId);
const csr = async (algorithm: typeof EC, name = 'CN=i-choose') => {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name,
    keys,
    signingAlgorithm: { ...algorithm, hash: 'SHA-256' },
  });
  return request.toString('pem');
};
const EC = { name: 'ECDSA', namedCurve: 'P-256' };

describe('certificates', () => {
  it('names a node by the id the server chose, whatever the request asks for', async () => {
    const nodeId = uuid();
    const made = await makeNodeCertificate(ca, await csr(EC), nodeId);
    const certificate = new X509Certificate(made.certificatePem);
    expect(certificate.subject).toBe(`CN=${nodeId}`);
    expect(certificate.serialNumber).toBe(made.serial);
    expect(certificate.ca).toBe(false);
    expect(certificate.verify(new X509Certificate(ca.certificatePem).publicKey)).toBe(true);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  });
  it('refuses a key that is not EC P-256, and what is no request at all', async () => {
    await expect(
      makeNodeCertificate(ca, await csr({ name: 'ECDSA', namedCurve: 'P-384' }), uuid()),
    ).rejects.toThrow(/P-256/);
    await expect(makeNodeCertificate(ca, 'nonsense', uuid())).rejects.toThrow(/cannot be read/);
  });
  it('gives servers a certificate for all their names', async () => {
    const made = await makeServerCertificate(ca, ['console.example.com', '10.77.0.1']);
    const certificate = new X509Certificate(made.certificatePem);
    for (const name of ['portreeve-server', 'localhost', 'console.example.com'])
      expect(certificate.checkHost(name)).toBe(name);
    expect(certificate.checkIP('10.77.0.1')).toBe('10.77.0.1');
    expect(createPrivateKey(made.keyPem).asymmetricKeyType).toBe('ec');
  });
  it('certifies an assignment key that agents accept', async () => {
    const key = await makeAssignmentKey(ca, clusterId);
    const bytes = Buffer.from('{}');
    const answer = verifyDesired(
      { bytes, signature: signDesired(bytes, key.keyPem), keyCertificate: key.certificatePem },
      {
        clusterId,
        nodeId: uuid(),
        trustAnchors: [ca.certificatePem],
        now: new Date(),
        have: { epoch: 0, generation: 0 },
      },
    );
    // Signature and chain passed; only the empty document is refused.
    expect(answer).toMatchObject({ ok: false, reason: expect.stringContaining('it cannot be read') });
  });
  it('fingerprints a certificate as openssl does', () => {
    const theirs = new X509Certificate(ca.certificatePem).fingerprint256.replaceAll(':', '').toLowerCase();
    expect(fingerprint(ca.certificatePem)).toBe(theirs);
  });
});
