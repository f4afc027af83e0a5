import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { createSecureContext, type Server } from 'node:tls';
import { DomainError } from '@portreeve/domain';
import type { ServerOptions } from '../../platform.ts';
import type { Log } from '../log.ts';

type Given = Exclude<ServerOptions['console']['tls'], string>;

const refused = (message: string): DomainError =>
  new DomainError('request.invalid', message, {
    hint: 'Name files in PEM with --tls-cert and --tls-key, or leave both out: then the cluster’s own CA makes one.',
  });

const read = (what: string, path: string | undefined): string => {
  if (!path)
    throw refused(
      `The ${what} of the console is missing: a certificate needs its key, and a key its certificate.`,
    );
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw refused(`The ${what} of the console cannot be read: ${(error as Error).message}.`);
  }
};

/** The certificate and key that somebody gave for the console. Throws when they are not there or not a pair. */
export const givenCertificate = (certPath: string | undefined, keyPath: string | undefined): Given => {
  const certificatePem = read('certificate', certPath);
  const keyPem = read('key', keyPath);
  try {
    createSecureContext({ cert: certificatePem, key: keyPem });
  } catch (error) {
    throw refused(
      `${certPath} and ${keyPath} are not a certificate and its key: ${(error as Error).message}.`,
    );
  }
  return { certificatePem, keyPem };
};

const LOOK_EVERY_MS = 10_000;

/**
 * Has new connections greeted with the certificate that the files hold now, whoever renews it: present ones go on. While
 * the two are no pair, because only one is written yet, the old certificate stays. Returns what ends it.
 */
export const followCertificate = (
  server: Pick<Server, 'setSecureContext'>,
  files: { cert: string; key: string },
  log: Pick<Log, 'info' | 'warn'>,
  everyMs = LOOK_EVERY_MS,
): (() => void) => {
  let used = readFileSync(files.cert, 'utf8') + readFileSync(files.key, 'utf8');
  const look = (): void => {
    try {
      const { certificatePem, keyPem } = givenCertificate(files.cert, files.key);
      if (certificatePem + keyPem === used) return;
      server.setSecureContext({ cert: certificatePem, key: keyPem });
      used = certificatePem + keyPem;
      log.info({ certificate: files.cert }, 'the certificate of the console was read again');
    } catch (error) {
      log.warn({ err: error }, 'the new certificate of the console is not used: the old one stays');
    }
  };
  // Asked for by name again and again: what renews certificates puts other files, or other links, in their place.
  const paths = [files.cert, files.key];
  for (const path of paths) watchFile(path, { interval: everyMs, persistent: false }, look);
  return () => {
    for (const path of paths) unwatchFile(path, look);
  };
};
