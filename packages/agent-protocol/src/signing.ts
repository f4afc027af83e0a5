import { createPrivateKey, sign, verify, X509Certificate } from 'node:crypto';
import { compareOrder, DesiredDocument, type Order } from './desired.ts';

/** Common name of the assignment key's certificate; no node or server certificate ever carries it (SPEC.md, D3). */
export const assignmentCommonName = (clusterId: string): string => `assignment.${clusterId}.portreeve`;

/** Ed25519 signature, base64, over the exact bytes of a desired document. */
export const signDesired = (bytes: Uint8Array, assignmentKeyPem: string): string =>
  sign(null, bytes, createPrivateKey(assignmentKeyPem)).toString('base64');

export type UnverifiedDesired = { bytes: Uint8Array; signature: string; keyCertificate: string };
export type Expectation = {
  clusterId: string;
  nodeId: string;
  trustAnchors: readonly string[];
  now: Date;
  have: Order;
};
export type VerifiedDesired = { ok: true; document: DesiredDocument } | { ok: false; reason: string };

const refuse = (reason: string): VerifiedDesired => ({ ok: false, reason });

const certifiedBy = (certificate: X509Certificate, anchors: readonly string[], now: Date): boolean => {
  if (now < new Date(certificate.validFrom) || now > new Date(certificate.validTo)) return false;
  return anchors.some((pem) => {
    const anchor = new X509Certificate(pem);
    return anchor.ca && certificate.checkIssued(anchor) && certificate.verify(anchor.publicKey);
  });
};

/**
 * Checks a desired document before anything of it is stored or done: who signed it, for which node, and that
 * it is not older than what the agent has (SPEC.md, D1–D4). Never throws for bad input; says why it refused.
 */
export const verifyDesired = (unverified: UnverifiedDesired, expected: Expectation): VerifiedDesired => {
  try {
    const certificate = new X509Certificate(unverified.keyCertificate);
    if (!certifiedBy(certificate, expected.trustAnchors, expected.now))
      return refuse('its signing key is not certified by a CA that this host trusts');
    if (certificate.ca || certificate.subject !== `CN=${assignmentCommonName(expected.clusterId)}`)
      return refuse('its certificate is not that of the assignment key');
    if (!verify(null, unverified.bytes, certificate.publicKey, Buffer.from(unverified.signature, 'base64')))
      return refuse('its signature does not match its content');
    const document = DesiredDocument.parse(JSON.parse(Buffer.from(unverified.bytes).toString('utf8')));
    if (document.clusterId !== expected.clusterId) return refuse('it is for another cluster');
    if (document.nodeId !== expected.nodeId) return refuse('it is for another node');
    if (compareOrder(document, expected.have) < 0)
      return refuse(
        `it is older (epoch ${document.epoch}, generation ${document.generation}) than what this host has (${expected.have.epoch}, ${expected.have.generation})`,
      );
    return { ok: true, document };
  } catch (error) {
    return refuse(`it cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
};
