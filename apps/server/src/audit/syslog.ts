import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { connect } from 'node:tls';
import { DomainError, escapeControls, escapeControlsInJson } from '@portreeve/domain';
import { unreachable } from '../alerts/send.ts';
import { literalRefusal, outboundLookup } from '../registry/public-address.ts';
import type { ChainLine } from './chain.ts';

export type SyslogTarget = {
  kind: 'syslog';
  host: string;
  port: number;
  caPem?: string | undefined;
  allowPrivateAddress: boolean;
};

const TIMEOUT_MS = 10_000;
/** "Log audit" of RFC 5424. */
const FACILITY = 13;
const WARNING = 4;
const INFORMATIONAL = 6;
/** What every receiver of RFC 5425 should take. */
const MOST_BYTES = 8_192;

/** Printable ASCII without spaces, as header fields have it. */
const field = (text: string, most: number): string =>
  text.replace(/[^\x21-\x7e]/g, '_').slice(0, most) || '-';
const parameter = (name: string, value: string): string =>
  `${name}="${escapeControls(value).replace(/["\\\]]/g, '\\$&')}"`;

/** One entry as RFC 5424 has it: its seal as structured data, itself as JSON. */
export const syslogMessage = (line: ChainLine, host = hostname()): string => {
  const { entry, sequence, hash, previousHash } = line;
  const severity = entry.outcome === 'done' ? INFORMATIONAL : WARNING;
  const head = `<${FACILITY * 8 + severity}>1 ${entry.at} ${field(host, 255)} portreeve - ${field(entry.action, 32)}`;
  const data = [
    ...[parameter('sequence', sequence), parameter('hash', hash), parameter('previous', previousHash)],
    ...[parameter('id', entry.id), parameter('actor', entry.actorName.slice(0, 300))],
    parameter('outcome', entry.outcome),
  ];
  const start = `${head} [audit@32473 ${data.join(' ')}] \ufeff`;
  const whole = `${start}${escapeControlsInJson(JSON.stringify(entry))}`;
  if (Buffer.byteLength(whole) <= MOST_BYTES) return whole;
  const { detail: _, ...rest } = entry;
  return `${start}${escapeControlsInJson(JSON.stringify({ ...rest, detailLeftOut: true }))}`;
};

/** Octet counting of RFC 5425. */
export const frame = (message: string): string => `${Buffer.byteLength(message)} ${message}`;

/** What stands wrong with a CA, before it is kept. */
export const requireSyslogHost = ({ host, caPem }: Pick<SyslogTarget, 'host' | 'caPem'>): void => {
  if (!isIP(host) && !/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(host))
    throw new DomainError('request.invalid', `“${host.slice(0, 100)}” is no name of a host.`);
  if (caPem !== undefined && !/^-----BEGIN CERTIFICATE-----$[\s\S]+^-----END CERTIFICATE-----$/m.test(caPem))
    throw new DomainError('request.invalid', 'The CA is a certificate in PEM form.', {
      hint: 'It begins with -----BEGIN CERTIFICATE-----.',
    });
};

/**
 * Sends messages over a connection of its own. Syslog answers nothing: what was sent counts as taken when the receiver
 * closes after it read all of it. One that ends before resets the connection, and everything is sent again.
 */
export const sendSyslog = async (target: SyslogTarget, messages: readonly string[]): Promise<void> => {
  const { host, port, caPem, allowPrivateAddress } = target;
  const whom = `syslog server ${host}:${port}`;
  const refused = literalRefusal(host, allowPrivateAddress);
  if (refused) throw refused;
  let closedByIt = false;
  await new Promise<void>((resolve, reject) => {
    const socket = connect({
      ...{ host, port, lookup: outboundLookup(allowPrivateAddress) },
      ...(isIP(host) ? {} : { servername: host }),
      ...(caPem === undefined ? {} : { ca: caPem }),
    });
    const deadline = setTimeout(
      () =>
        socket.destroy(new DomainError('registry.unreachable', `The ${whom} did not answer in 10 seconds.`)),
      TIMEOUT_MS,
    );
    socket.once('secureConnect', () => socket.end(messages.map(frame).join('')));
    socket.once('end', () => {
      closedByIt = true;
    });
    socket.once('error', reject);
    socket.once('close', () => {
      clearTimeout(deadline);
      if (closedByIt && socket.writableFinished) resolve();
      else reject(new DomainError('registry.unreachable', `The ${whom} ended before it took everything.`));
    });
    socket.resume();
  }).catch((error: unknown) => {
    throw unreachable(whom, error);
  });
};
