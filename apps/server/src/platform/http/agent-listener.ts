import type { TLSSocket } from 'node:tls';
import { DomainError } from '@portreeve/domain';
import Fastify, { type FastifyInstance, LogController } from 'fastify';
import { v7 as uuid } from 'uuid';
import type { Ca } from '../ca/ca.ts';
import type { KeyedCertificate } from '../ca/certificates.ts';
import { type Log, pathInLog } from '../log.ts';
import { sendProblem, toDomainError } from './problem.ts';
import { UNREADABLE } from './unreadable.ts';

/** What the TLS of an agent's connection proved: a node id and the serial of its certificate (upper-case hexadecimal). */
export type Peer = { nodeId: string; serial: string };

/**
 * The peer of a connection on 7401, when its client certificate was issued by the cluster's CA and is in time.
 * Whether it is revoked is for the caller to ask. Undefined: no such certificate.
 */
export const peerOf = (socket: unknown): Peer | undefined => {
  const tls = socket as TLSSocket;
  if (!tls.authorized) return undefined;
  const { subject, serialNumber } = tls.getPeerCertificate();
  const nodeId = subject?.CN;
  return typeof nodeId === 'string' && serialNumber
    ? { nodeId, serial: serialNumber.toUpperCase().replace(/^0+/, '') }
    : undefined;
};

/**
 * The HTTPS server on 7401, always with a certificate of the cluster's CA. It knows no cookies and no browsers;
 * routes are added by the nodes domain, sockets attach to `app.server`.
 */
export const createAgentListener = (ca: Ca, certificate: KeyedCertificate, log: Log): FastifyInstance => {
  const app = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    exposeHeadRoutes: false,
    bodyLimit: 262_144,
    requestTimeout: 60_000,
    genReqId: uuid,
    ...UNREADABLE,
    https: {
      cert: certificate.certificatePem,
      key: certificate.keyPem,
      ca: [...ca.trustAnchors],
      requestCert: true,
      // Joining hosts have none yet; every other route asks with peerOf.
      rejectUnauthorized: false,
      minVersion: 'TLSv1.3',
    },
  } as object) as unknown as FastifyInstance;
  app.setErrorHandler((cause, request, reply) => {
    const error = toDomainError(cause);
    if (error.code === 'internal')
      log.error({ requestId: request.id, err: cause, path: pathInLog(request.url) }, 'unforeseen error');
    if (error.code === 'join.refused')
      log.warn({ reason: error.message, address: request.ip }, 'a host was refused');
    return sendProblem(reply, error);
  });
  app.setNotFoundHandler(() => {
    throw new DomainError('method.unknown', 'There is no such operation here.');
  });
  return app;
};
