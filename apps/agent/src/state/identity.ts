import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import type { Store } from './store.ts';

/** Who this host is in the cluster, and whom it trusts. The key was made here and never leaves. */
export const Identity = z.object({
  clusterId: z.uuid(),
  clusterName: z.string(),
  nodeId: z.uuid(),
  nodeName: z.string(),
  keyPem: z.string(),
  certificatePem: z.string(),
  caCertificates: z.array(z.string()).min(1),
  servers: z.array(z.string()).min(1),
});
export type Identity = z.infer<typeof Identity>;

const FILE = 'identity';

export const loadIdentity = async (store: Store): Promise<Identity | undefined> => {
  const bytes = await store.read(FILE);
  return bytes && Identity.parse(JSON.parse(bytes.toString('utf8')));
};

export const saveIdentity = (store: Store, identity: Identity): Promise<void> =>
  store.write(FILE, JSON.stringify(identity));

/** When a new certificate is due: two thirds of its life (SPEC.md, J5). */
export const renewalDue = (certificatePem: string): Date => {
  const certificate = new X509Certificate(certificatePem);
  const from = Date.parse(certificate.validFrom);
  return new Date(from + (Date.parse(certificate.validTo) - from) * (2 / 3));
};
