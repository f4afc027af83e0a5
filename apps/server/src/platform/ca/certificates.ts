import 'reflect-metadata';
import { createHash, randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';
import { assignmentCommonName } from '@portreeve/agent-protocol';
import { DomainError } from '@portreeve/domain';

const crypto = webcrypto as unknown as Crypto;
x509.cryptoProvider.set(crypto);

const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
/** Clocks differ: a certificate is good a little before it was made. */
const BACKDATE_MS = 10 * 60_000;

/** A certificate with its private key, both PEM. */
export type KeyedCertificate = { certificatePem: string; keyPem: string; notAfter: Date };

/** Name that every server's certificate carries, whatever its address; agents ask for it. */
export const SERVER_NAME = 'portreeve-server';

const pem = async (key: webcrypto.CryptoKey): Promise<string> =>
  x509.PemConverter.encode(
    await crypto.subtle.exportKey('pkcs8', key as unknown as CryptoKey),
    'PRIVATE KEY',
  );

const importEc = (keyPem: string) =>
  crypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(keyPem), EC, false, ['sign']);

const serial = (): string => {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x01;
  return bytes.toString('hex');
};

const validity = (days: number) => ({
  notBefore: new Date(Date.now() - BACKDATE_MS),
  notAfter: new Date(Date.now() + days * DAY_MS),
});

/** The cluster's own CA: EC P-256, ten years, may sign leaves only. */
export const makeCa = async (clusterId: string): Promise<KeyedCertificate> => {
  const keys = await crypto.subtle.generateKey(EC, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: `CN=ca.${clusterId}.portreeve`,
    ...validity(3650),
    signingAlgorithm: EC,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    certificatePem: certificate.toString('pem'),
    keyPem: await pem(keys.privateKey as unknown as webcrypto.CryptoKey),
    notAfter: certificate.notAfter,
  };
};

const issue = async (
  ca: KeyedCertificate,
  leaf: { subject: string; publicKey: CryptoKey; days: number; extensions: x509.Extension[] },
): Promise<x509.X509Certificate> => {
  const authority = new x509.X509Certificate(ca.certificatePem);
  return x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: leaf.subject,
    issuer: authority.subject,
    ...validity(leaf.days),
    signingAlgorithm: EC,
    publicKey: leaf.publicKey,
    signingKey: await importEc(ca.keyPem),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
      ...leaf.extensions,
    ],
  });
};

/** The key that signs desired documents: Ed25519, certified by the CA, no CA itself (agent-protocol SPEC.md, D3). */
export const makeAssignmentKey = async (
  ca: KeyedCertificate,
  clusterId: string,
): Promise<KeyedCertificate> => {
  const keys = (await crypto.subtle.generateKey('Ed25519', true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair;
  const certificate = await issue(ca, {
    subject: `CN=${assignmentCommonName(clusterId)}`,
    publicKey: keys.publicKey,
    days: 3640,
    extensions: [],
  });
  return {
    certificatePem: certificate.toString('pem'),
    keyPem: await pem(keys.privateKey as unknown as webcrypto.CryptoKey),
    notAfter: certificate.notAfter,
  };
};

/** A TLS certificate for 7400 and 7401 with every name and address that this server is reached by. */
export const makeServerCertificate = async (
  ca: KeyedCertificate,
  namesAndAddresses: readonly string[],
): Promise<KeyedCertificate> => {
  const keys = await crypto.subtle.generateKey(EC, true, ['sign', 'verify']);
  const all = [...new Set([SERVER_NAME, 'localhost', '127.0.0.1', '::1', ...namesAndAddresses])];
  const certificate = await issue(ca, {
    subject: `CN=${SERVER_NAME}`,
    publicKey: keys.publicKey,
    days: 365,
    extensions: [
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        all.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value })),
      ),
    ],
  });
  return {
    // With the CA behind it, so that a client that pins the CA by its fingerprint can see it.
    certificatePem: `${certificate.toString('pem')}\n${ca.certificatePem}`,
    keyPem: await pem(keys.privateKey as unknown as webcrypto.CryptoKey),
    notAfter: certificate.notAfter,
  };
};

const NODE_DAYS = 90;
export type NodeCertificate = { certificatePem: string; serial: string; notAfter: Date };

/**
 * A client certificate for the key of a CSR; the subject is ours (`CN=<node id>`) and nothing the CSR asks for is
 * taken over but its key (SPEC.md, J3). The serial is upper-case hexadecimal without leading zeros, as node's TLS
 * shows it.
 */
export const makeNodeCertificate = async (
  ca: KeyedCertificate,
  unverifiedCsrPem: string,
  nodeId: string,
): Promise<NodeCertificate> => {
  const request = readRequest(unverifiedCsrPem);
  const algorithm = request.publicKey.algorithm as { name: string; namedCurve?: string };
  if (algorithm.name !== 'ECDSA' || algorithm.namedCurve !== 'P-256')
    throw new DomainError('join.refused', "The host's key must be EC P-256.");
  if (!(await request.verify().catch(() => false)))
    throw new DomainError('join.refused', 'The certificate request is not signed with its own key.');
  const certificate = await issue(ca, {
    subject: `CN=${nodeId}`,
    publicKey: await request.publicKey.export(crypto),
    days: NODE_DAYS,
    extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])],
  });
  return {
    certificatePem: certificate.toString('pem'),
    serial: certificate.serialNumber.toUpperCase().replace(/^0+/, ''),
    notAfter: certificate.notAfter,
  };
};

const readRequest = (csrPem: string): x509.Pkcs10CertificateRequest => {
  try {
    return new x509.Pkcs10CertificateRequest(csrPem);
  } catch (cause) {
    throw new DomainError('join.refused', 'The certificate request cannot be read.', { cause });
  }
};

/** SHA-256 over the DER of a certificate, lower-case hexadecimal: what a person compares. */
export const fingerprint = (certificatePem: string): string =>
  createHash('sha256')
    .update(Buffer.from(x509.PemConverter.decodeFirst(certificatePem)))
    .digest('hex');
