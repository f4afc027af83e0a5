import { connect, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { DirectoryConfiguration } from '@portreeve/contract';
import { DirectoryProblem, inWords } from './problem.ts';

export type Target = { url: string; host: string; port: number; secure: boolean };

/** `new URL` knows no default ports of LDAP, and keeps an IPv6 address in its brackets. */
export const targetOf = (url: string): Target => {
  const parsed = new URL(url.replace(/^ldaps?:/, 'http:'));
  const secure = url.startsWith('ldaps:');
  const written = /:(\d+)$/.exec(url)?.[1];
  return {
    ...{ url, secure, host: parsed.hostname.replace(/^\[|\]$/g, '') },
    port: written ? Number(written) : secure ? 636 : 389,
  };
};

type TlsWish = Pick<DirectoryConfiguration, 'caPem' | 'verifyCertificate'>;

/** What the certificate is checked against: its chain, and the name or address that was written. */
export const tlsOptionsOf = (
  { caPem, verifyCertificate }: TlsWish,
  host: string,
): ConnectionOptions & { noDelay: true } => ({
  host,
  // No name of a server may be an address; without a name the address is what is checked.
  ...(isIP(host) ? {} : { servername: host }),
  ...(caPem ? { ca: caPem } : {}),
  rejectUnauthorized: verifyCertificate,
  // Questions of a few bytes would each wait 40 ms for the answer to the one before.
  noDelay: true,
  minVersion: 'TLSv1.2',
});

const until = (socket: Socket, event: string, ms: number, step: 'connect' | 'tls', place: string) =>
  new Promise<void>((resolve, reject) => {
    const fail = (text: string) => {
      socket.destroy();
      reject(new DirectoryProblem(step, `${place} ${text}.`));
    };
    const timer = setTimeout(() => fail(`does not answer within ${Math.round(ms)} ms`), ms);
    const end = () => clearTimeout(timer);
    socket.once(event, () => {
      end();
      resolve();
    });
    socket.once('error', (error) => {
      end();
      fail(step === 'tls' ? `is not trusted: ${inWords(error)}` : `cannot be reached: ${inWords(error)}`);
    });
    socket.once('close', () => {
      end();
      fail('ended the connection');
    });
  });

/** A connection to a directory's port; with TLS where the address says so, its certificate checked. */
export const dial = async (
  target: Target,
  configuration: TlsWish & Pick<DirectoryConfiguration, 'connectTimeoutMs'>,
  leftMs: number,
): Promise<Socket> => {
  const place = `${target.host}:${target.port}`;
  const ms = Math.max(1, Math.min(configuration.connectTimeoutMs, leftMs));
  const plain = connect({ host: target.host, port: target.port, noDelay: true });
  await until(plain, 'connect', ms, 'connect', place);
  plain.removeAllListeners();
  if (!target.secure) return plain;
  const secure = connectTls({ ...tlsOptionsOf(configuration, target.host), socket: plain });
  await until(secure, 'secureConnect', ms, 'tls', place);
  secure.removeAllListeners('close');
  return secure;
};
