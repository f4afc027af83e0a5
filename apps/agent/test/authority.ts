import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  Pkcs10CertificateRequest,
  type PublicKeyType,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { assignmentCommonName } from '@portreeve/agent-protocol';

cryptoProvider.set(webcrypto as unknown as Crypto);

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const HOUR = 3_600_000;

type Keys = Awaited<ReturnType<typeof makeKeys>>;
const makeKeys = (algorithm: object = P256) =>
  webcrypto.subtle.generateKey(algorithm as { name: 'ECDSA'; namedCurve: string }, true, ['sign', 'verify']);

const keyPem = async (keys: Keys): Promise<string> =>
  PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');

export type Issued = { certificatePem: string; keyPem: string };
export type Authority = {
  caPem: string;
  server(): Promise<Issued>;
  client(csrPem: string, nodeId: string, lifeMs?: number): Promise<string>;
  assignment(clusterId: string): Promise<Issued>;
};

/** A CA of the tests' own that issues what a cluster's CA issues. */
export const makeAuthority = async (): Promise<Authority> => {
  const keys = await makeKeys();
  const ca = await X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=test CA',
    notBefore: new Date(Date.now() - HOUR),
    notAfter: new Date(Date.now() + 24 * HOUR),
    keys,
    signingAlgorithm: P256,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  let serial = 1;
  const issue = async (
    subject: string,
    publicKey: PublicKeyType,
    extensions: SubjectAlternativeNameExtension[] = [],
    lifeMs = 12 * HOUR,
  ): Promise<string> => {
    serial += 1;
    const certificate: X509Certificate = await X509CertificateGenerator.create({
      serialNumber: serial.toString(16).padStart(2, '0'),
      subject,
      issuer: ca.subject,
      notBefore: new Date(Date.now() - Math.min(HOUR, lifeMs)),
      notAfter: new Date(Date.now() + lifeMs),
      publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: P256,
      extensions: [new BasicConstraintsExtension(false, undefined, true), ...extensions],
    });
    return certificate.toString('pem');
  };
  return {
    caPem: ca.toString('pem'),
    server: async () => {
      const own = await makeKeys();
      const names = new SubjectAlternativeNameExtension([{ type: 'dns', value: 'portreeve-server' }]);
      return { certificatePem: await issue('CN=server', own.publicKey, [names]), keyPem: await keyPem(own) };
    },
    client: async (csrPem, nodeId, lifeMs) => {
      const request = new Pkcs10CertificateRequest(csrPem);
      return issue(`CN=${nodeId}`, request.publicKey, [], lifeMs);
    },
    assignment: async (clusterId) => {
      const own = await makeKeys({ name: 'Ed25519' });
      const subject = `CN=${assignmentCommonName(clusterId)}`;
      return { certificatePem: await issue(subject, own.publicKey), keyPem: await keyPem(own) };
    },
  };
};
