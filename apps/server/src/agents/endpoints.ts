import { createReadStream } from 'node:fs';
import type { TLSSocket } from 'node:tls';
import { JoinRequest, RenewRequest } from '@portreeve/agent-protocol';
import { DomainError } from '@portreeve/domain';
import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import type { Enrolment } from '../nodes/enrolment.ts';
import type { Database } from '../platform/db/database.ts';
import { findAgentFile } from './agent-files.ts';
import { claimsIn } from './claims.ts';
import { identify } from './identify.ts';

type EndpointOptions = {
  database: Database;
  enrolment: Enrolment;
  caPem: string;
  /** Folder with the built agents. */
  agentFiles: string;
};

const parse = <S extends z.ZodType>(schema: S, body: unknown): z.output<S> => {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = `/${issue?.path.map(String).join('/')}`;
  throw new DomainError('request.invalid', `The body is not valid: ${issue?.message} (${place}).`);
};

/** The few HTTP endpoints of 7401: the CA, the agent's file and join need no certificate, renewal does (SPEC.md, J1, J5). */
export const registerEndpoints = (app: FastifyInstance, options: EndpointOptions): void => {
  app.get('/ca.pem', (_, reply) => reply.type('application/x-pem-file').send(options.caPem));
  app.get<{ Params: { platform: string } }>('/agent/:platform', async ({ params }, reply) => {
    const file = await findAgentFile(options.agentFiles, params.platform);
    return reply
      .type('application/octet-stream')
      .header('content-length', file.size)
      .send(createReadStream(file.path));
  });
  app.post('/join', ({ body, raw }) => {
    const [claim] = claimsIn(body);
    if (claim)
      throw new DomainError('request.invalid', `A host does not say its own "${claim}": its token does.`);
    return options.enrolment.join(parse(JoinRequest, body), raw.socket.remoteAddress ?? '');
  });
  app.post('/renew', async ({ body, raw }) => {
    const known = await identify(raw.socket as TLSSocket, options.database);
    if (!known.ok) throw new DomainError('join.refused', known.message);
    return options.enrolment.renew(known.identity.nodeId, parse(RenewRequest, body).csrPem);
  });
};
