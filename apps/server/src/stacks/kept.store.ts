import { DomainError } from '@portreeve/domain';
import type { Tx } from '../platform/db/database.ts';
import type { ClusterKeys } from '../platform/keys/cluster-key.ts';
import type { ApplicationValue, Sent } from './compile.ts';
import { valuesContext } from './file-cache.ts';
import type { StackRow } from './state.store.ts';
import { openFiles } from './version-files.ts';

const only = <T>(all: Record<string, T>, names: readonly string[]): Record<string, T> =>
  Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));

/** Fills in the values and files that a request keeps of an earlier version; what it gives itself counts more. */
export const withKept = async (
  db: Tx,
  keys: ClusterKeys,
  stack: StackRow | null,
  sent: ApplicationValue,
): Promise<Sent> => {
  const { keep, ...own } = sent;
  if (keep === undefined) return { ...own, secretFiles: [] };
  const row =
    stack && (await db.stackVersion.findFirst({ where: { stackId: stack.id, number: keep.version } }));
  if (!row)
    throw new DomainError('not-found', `There is no version ${keep.version} whose values could be kept.`, {
      hint: 'Give the values with the request.',
    });
  const values = JSON.parse(keys.unseal(row.sealedValues, valuesContext(row.id))) as Record<string, string>;
  const { files, secret } = openFiles(keys, row);
  return {
    ...own,
    values: { ...only(values, keep.names), ...own.values },
    files: { ...only(files, keep.files), ...own.files },
    secretFiles: secret.filter((path) => keep.files.includes(path) && !Object.hasOwn(own.files, path)),
  };
};
