import { existsSync } from 'node:fs';
import { DomainError } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { type KeyedCertificate, makeAssignmentKey, makeCa } from '../ca/certificates.ts';
import type { Database, Tx } from '../db/database.ts';
import { isUniqueViolation } from '../db/errors.ts';
import { type ClusterKeys, makeKeyFile, readKeyFile } from '../keys/cluster-key.ts';

/** Sealed with the cluster key; a server that reads something else holds another key. */
const CHECK_TEXT = 'portreeve cluster key';
const CHECK_CONTEXT = 'cluster:key-check';

export type ClusterIdentity = {
  clusterId: string;
  keys: ClusterKeys;
  ca: KeyedCertificate;
  assignment: KeyedCertificate;
  /** Every CA certificate that hosts should trust; more than one while the CA is being changed. */
  trustAnchors: string[];
};

const storeKey = async (tx: Tx, keys: ClusterKeys, purpose: string, made: KeyedCertificate) => {
  const id = uuid();
  const { certificatePem, notAfter } = made;
  const sealedKey = keys.seal(made.keyPem, `cluster-key:${id}`);
  await tx.clusterKey.create({ data: { id, purpose, certificatePem, notAfter, sealedKey } });
};

const found = async (database: Database, keys: ClusterKeys, name: string): Promise<void> => {
  const clusterId = uuid();
  const ca = await makeCa(clusterId);
  const assignment = await makeAssignmentKey(ca, clusterId);
  await database
    .transaction(async (tx) => {
      await tx.cluster.create({
        data: { id: clusterId, name, keyCheck: keys.seal(CHECK_TEXT, CHECK_CONTEXT) },
      });
      await storeKey(tx, keys, 'ca', ca);
      await storeKey(tx, keys, 'assignment', assignment);
      await tx.project.create({ data: { id: uuid(), path: '/', displayName: 'Everything' } });
    })
    .catch((error) => {
      // Another server that started at the same moment was first: its cluster is ours.
      if (!isUniqueViolation(error)) throw error;
    });
};

const checkKey = (keys: ClusterKeys, keyCheck: string, keyFile: string): void => {
  const differs = () => {
    throw new DomainError(
      'internal',
      `The cluster key ${keyFile} is not the one this database was made with.`,
      {
        hint: 'Name the right file in PORTREEVE_KEY_FILE; every server of a cluster needs the same one.',
      },
    );
  };
  try {
    if (keys.unseal(keyCheck, CHECK_CONTEXT) !== CHECK_TEXT) differs();
  } catch {
    differs();
  }
};

/** The cluster of this database, founded at the first start; refuses a key file that is missing or another's. */
export const openCluster = async (
  database: Database,
  keyFile: string,
  name: string,
): Promise<ClusterIdentity> => {
  const present = await database.prisma.cluster.findFirst();
  if (!present && !existsSync(keyFile)) makeKeyFile(keyFile);
  const keys = readKeyFile(keyFile);
  if (!present) await found(database, keys, name);
  const cluster = await database.prisma.cluster.findFirstOrThrow();
  checkKey(keys, cluster.keyCheck, keyFile);

  const rows = await database.prisma.clusterKey.findMany({ orderBy: { createdAt: 'desc' } });
  const keyed = (purpose: string): KeyedCertificate => {
    const row = rows.find((candidate) => candidate.purpose === purpose && candidate.active);
    if (!row) throw new DomainError('internal', `The cluster has no ${purpose} key.`);
    const { certificatePem, notAfter } = row;
    return { certificatePem, notAfter, keyPem: keys.unseal(row.sealedKey, `cluster-key:${row.id}`) };
  };
  return {
    clusterId: cluster.id,
    keys,
    ca: keyed('ca'),
    assignment: keyed('assignment'),
    trustAnchors: rows.filter((row) => row.purpose === 'ca').map((row) => row.certificatePem),
  };
};
