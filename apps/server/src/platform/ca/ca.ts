import type { ClusterIdentity } from '../cluster/cluster.store.ts';
import {
  fingerprint,
  type KeyedCertificate,
  makeNodeCertificate,
  makeServerCertificate,
  type NodeCertificate,
} from './certificates.ts';

/** The cluster's CA and assignment key, as the other domains use them. */
export type Ca = {
  certificatePem: string;
  /** SHA-256 of the CA certificate's DER, hexadecimal: what the join command compares. */
  sha256: string;
  /** Every CA certificate hosts should trust. */
  trustAnchors: readonly string[];
  /** For `signDesired`: key and certificate that travels with each document. */
  assignment: KeyedCertificate;
  issueNodeCertificate(unverifiedCsrPem: string, nodeId: string): Promise<NodeCertificate>;
  serverCertificate(namesAndAddresses: readonly string[]): Promise<KeyedCertificate>;
};

export const createCa = (cluster: ClusterIdentity): Ca => ({
  certificatePem: cluster.ca.certificatePem,
  sha256: fingerprint(cluster.ca.certificatePem),
  trustAnchors: cluster.trustAnchors,
  assignment: cluster.assignment,
  issueNodeCertificate: (csrPem, nodeId) => makeNodeCertificate(cluster.ca, csrPem, nodeId),
  serverCertificate: (names) => makeServerCertificate(cluster.ca, names),
});
