import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { DomainError } from '@portreeve/domain';
import type { ServerOptions } from '../../platform.ts';

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
