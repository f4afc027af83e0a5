import { createHash, timingSafeEqual, X509Certificate } from 'node:crypto';
import { Agent } from 'node:https';
import { JoinAnswer } from '@portreeve/agent-protocol';
import { DomainError, type NodeFacts } from '@portreeve/domain';
import type { Identity } from '../state/identity.ts';
import { provenAnchors } from './anchors.ts';
import { callServer, problemOf } from './https.ts';
import { serverAgent } from './tls.ts';

const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');

const same = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/** True when the certificate, or the file it came in, has the fingerprint that the operator pasted. */
export const isThatCa = (pem: string, wanted: string): boolean => {
  const plain = wanted.replace(/[^0-9a-fA-F]/g, '').toLowerCase();
  return [sha256(pem), sha256(new X509Certificate(pem).raw)].some((seen) => same(seen, plain));
};

const fetchCa = async (server: string, caSha256: string): Promise<string> => {
  // The one call without verification: what it brings is worth nothing until its fingerprint matches.
  const agent = new Agent({ rejectUnauthorized: false, keepAlive: false });
  const answer = await callServer(`${server}/ca.pem`, { method: 'GET', agent });
  if (answer.status !== 200)
    throw new DomainError('join.refused', `${server} gives no CA certificate: ${problemOf(answer)}.`);
  if (!isThatCa(answer.text, caSha256))
    throw new DomainError(
      'join.refused',
      `The CA certificate at ${server} is not the one in your command: somebody is in between, or the command is for another cluster. Nothing was sent to it.`,
    );
  return new X509Certificate(answer.text).toString();
};

export type JoinOptions = {
  server: string;
  caSha256: string;
  token: string;
  facts: NodeFacts;
  name?: string;
};

/** Joins the cluster: pins the CA, makes the key here, sends only the request for a certificate (SPEC.md, J1–J4). */
export const join = async (options: JoinOptions): Promise<Identity> => {
  const server = options.server.replace(/\/+$/, '');
  const ca = await fetchCa(server, options.caSha256);
  // Loaded when needed: it is large, and needed twice in a certificate's life.
  const { makeKeyAndRequest } = await import('./csr.ts');
  const { keyPem, csrPem } = await makeKeyAndRequest();
  const answer = await callServer(`${server}/join`, {
    method: 'POST',
    body: { token: options.token, csrPem, facts: options.facts, name: options.name },
    agent: serverAgent({ caCertificates: [ca] }),
  });
  if (answer.status >= 300)
    throw new DomainError('join.refused', `The server refused this host: ${problemOf(answer)}`);
  const joined = JoinAnswer.parse(JSON.parse(answer.text));
  return {
    clusterId: joined.clusterId,
    clusterName: joined.clusterName,
    nodeId: joined.nodeId,
    nodeName: joined.nodeName,
    keyPem,
    certificatePem: joined.certificatePem,
    caCertificates: provenAnchors([ca], joined.caCertificates),
    servers: [...new Set([server, ...joined.servers])],
  };
};
