import type { JoinAnswer, JoinRequest, RenewAnswer } from '@portreeve/agent-protocol';
import pLimit from 'p-limit';
import { agentAddresses } from '../agents/connection.store.ts';
import { hostAddressOf, isLoopback } from '../agents/host-address.ts';
import { recordAudit } from '../audit/audit.store.ts';
import { takeStart } from '../identity/throttle.store.ts';
import type { Ca } from '../platform/ca/ca.ts';
import type { Database } from '../platform/db/database.ts';
import { isUniqueViolation } from '../platform/db/errors.ts';
import { createContext } from '../platform/http/context.ts';
import { createNode, readmitNode, storeCertificate, useToken } from './join.store.ts';
import { hashJoinToken } from './join-token.ts';

type EnrolmentOptions = {
  database: Database;
  cluster(): Promise<{ id: string; name: string }>;
  ca: Pick<Ca, 'issueNodeCertificate' | 'trustAnchors'>;
};

/** How hosts get and keep their certificates (SPEC.md, J1–J6). */
export type Enrolment = {
  join(unverified: JoinRequest, remoteAddress: string): Promise<JoinAnswer>;
  renew(nodeId: string, csrPem: string): Promise<RenewAnswer>;
};

const MOST_TRIES = 8;

export const createEnrolment = (options: EnrolmentOptions): Enrolment => {
  const { database } = options;
  const turns = pLimit(4);

  const attempt = (unverified: JoinRequest, hostAddress: string, remoteAddress: string) => {
    const { facts, csrPem } = unverified;
    return database.transaction(async (tx) => {
      const token = await useToken(tx, hashJoinToken(unverified.token));
      const node = token.nodeId
        ? await readmitNode(tx, token.nodeId, facts)
        : await createNode(tx, token, {
            facts,
            hostAddress,
            name: unverified.name ?? facts.hostname,
            local: isLoopback(remoteAddress),
          });
      // A refused request gives its use of the token back with the rest of the transaction.
      const certificate = await options.ca.issueNodeCertificate(csrPem, node.id);
      await storeCertificate(tx, node.id, certificate);
      await recordAudit(tx, joining(token.createdBy, remoteAddress), {
        action: token.nodeId ? 'node.rejoin' : 'node.join',
        object: { kind: 'node', id: node.id, name: node.name },
        projectPath: token.projectPath,
        detail: { token: token.id, serial: certificate.serial },
      });
      return { node, certificate, servers: await agentAddresses(tx) };
    });
  };

  /** Two hosts that want one name at the same moment: the database lets one have it, the other looks again. */
  const admit = async (unverified: JoinRequest, hostAddress: string, remoteAddress: string) => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await database.guard(() => attempt(unverified, hostAddress, remoteAddress));
      } catch (error) {
        if (!isUniqueViolation(error) || tries === MOST_TRIES) throw error;
      }
    }
  };

  return {
    join: async (unverified, remoteAddress) => {
      const { facts } = unverified;
      const cluster = await options.cluster();
      const hostAddress = hostAddressOf(remoteAddress, facts);
      const joined = await turns(() => admit(unverified, hostAddress, remoteAddress));
      return {
        clusterId: cluster.id,
        clusterName: cluster.name,
        nodeId: joined.node.id,
        nodeName: joined.node.name,
        certificatePem: joined.certificate.certificatePem,
        caCertificates: [...options.ca.trustAnchors],
        servers: joined.servers,
      };
    },
    renew: async (nodeId, csrPem) => {
      // A host needs one certificate at a time, and each that it asks for stays on record.
      await database.guard(() => takeStart(database, `renew ${nodeId}`, '', new Date()));
      const certificate = await options.ca.issueNodeCertificate(csrPem, nodeId);
      await database.guard(() => database.transaction((tx) => storeCertificate(tx, nodeId, certificate)));
      return { certificatePem: certificate.certificatePem, caCertificates: [...options.ca.trustAnchors] };
    },
  };
};

const joining = (madeBy: string, address: string) =>
  createContext(
    { kind: 'system', userId: '', name: `a join token of ${madeBy}`, administrator: false },
    { address, via: 'system' },
  );
