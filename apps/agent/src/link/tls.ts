import { Agent } from 'node:https';
import type { Identity } from '../state/identity.ts';

/**
 * Every server certificate carries this DNS name beside its addresses: the agent asks for the name, so any
 * address will do, and no certificate of a node can stand in for a server's (cases.md, S-32).
 */
export const SERVER_NAME = 'portreeve-server';

type Trust = Pick<Identity, 'caCertificates'> & Partial<Pick<Identity, 'keyPem' | 'certificatePem'>>;

/** TLS to a server: the cluster's CA only, that one name, our certificate once we have one, no resumed sessions. */
export const serverAgent = (trust: Trust): Agent =>
  new Agent({
    ca: trust.caCertificates,
    key: trust.keyPem,
    cert: trust.certificatePem,
    servername: SERVER_NAME,
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    keepAlive: false,
    maxCachedSessions: 0,
  });
