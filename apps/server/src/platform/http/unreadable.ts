import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { DomainError, ERROR_STATUS } from '@portreeve/domain';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem, toDomainError, toProblem } from './problem.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

const reasonOf = (code: string | undefined): DomainError => {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new DomainError('too-large', 'The headers of the request are too large.');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new DomainError('request.invalid', 'The request did not arrive in time.', {
      hint: 'Send all of it within a minute.',
    });
  return new DomainError('request.invalid', 'This is no HTTP request that can be read.');
};

/** Answers on the bare connection what is no request at all: no route and no hook has seen it. */
const refuseConnection = (error: Error & { code?: string }, socket: Socket): void => {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const reason = reasonOf(error.code);
  const status = ERROR_STATUS[reason.code];
  const body = JSON.stringify(toProblem(reason));
  const headers = {
    ...SECURITY_HEADERS,
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines].join('\r\n');
  if (socket.writable) socket.write(`${head}\r\n\r\n${body}`);
  socket.destroy(error);
};

/** An address that cannot be decoded is refused before any hook. */
const refuseAddress = (error: Error, _request: FastifyRequest, reply: FastifyReply): void => {
  reply.headers(SECURITY_HEADERS);
  void sendProblem(reply, toDomainError(error));
};

/** What Fastify would answer in a shape of its own. */
export const UNREADABLE = { clientErrorHandler: refuseConnection, frameworkErrors: refuseAddress };
