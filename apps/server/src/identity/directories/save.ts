import type { DirectoryConfiguration } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import type { ClusterKeys } from '../../platform/keys/cluster-key.ts';
import { readCertificates } from '../../registry/certificates.ts';
import type { Reach } from './connection.ts';
import { configurationOf, type DirectoryRow, sealedFor } from './directories.store.ts';
import { parseFilter } from './filters.ts';

/** What a form sends: filters that can be read, a CA that is one. Throws `request.invalid`. */
export const checkedConfiguration = (configuration: DirectoryConfiguration): DirectoryConfiguration => {
  for (const { filter } of configuration.users) parseFilter(filter);
  if (configuration.groups) parseFilter(configuration.groups.filter);
  return { ...configuration, caPem: configuration.caPem ? readCertificates(configuration.caPem) : null };
};

/** By which way a password goes out, and to whom. */
const wayOf = ({ urls, security, verifyCertificate, caPem, bindDn }: DirectoryConfiguration): string =>
  JSON.stringify([[...urls].sort(), security, verifyCertificate, caPem, bindDn]);

/**
 * The password of the service account: the one that was typed, or the one that is kept, as long as it goes to the same
 * servers in the same way: who may change a directory must not have its password sent to themselves.
 */
export const passwordFor = (
  wish: { configuration: DirectoryConfiguration; password?: string | undefined },
  before: DirectoryRow | undefined,
  keys: ClusterKeys,
): string => {
  if (wish.password !== undefined) return wish.password;
  if (wish.configuration.bindDn === '' || !before || before.sealedPassword === null) return '';
  if (wayOf(wish.configuration) !== wayOf(configurationOf(before)))
    throw new DomainError('request.invalid', 'Type the password of the service account again.', {
      hint: 'It is not sent to other servers, or in another way, than it was given for.',
    });
  return keys.unseal(before.sealedPassword, sealedFor(before.id));
};

/** Sealed for its directory; null where there is none. */
export const sealed = (
  keys: ClusterKeys,
  id: string,
  { password }: Pick<Reach, 'password'>,
): string | null => (password === '' ? null : keys.seal(password, sealedFor(id)));
