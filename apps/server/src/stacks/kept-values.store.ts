import { DomainError } from '@portreeve/domain';
import type { Tx } from '../platform/db/database.ts';
import type { ClusterKeys } from '../platform/keys/cluster-key.ts';
import type { ApplicationValue } from './compile.ts';
import { valuesContext } from './file-cache.ts';
import type { StackRow } from './state.store.ts';

/** Fills in the values that a request keeps of an earlier version; what it gives itself counts more. */
export const withKeptValues = async (
  db: Tx,
  keys: ClusterKeys,
  stack: StackRow | null,
  sent: ApplicationValue,
): Promise<ApplicationValue> => {
  const { keep, ...own } = sent;
  if (keep === undefined) return own;
  const row =
    stack && (await db.stackVersion.findFirst({ where: { stackId: stack.id, number: keep.version } }));
  if (!row)
    throw new DomainError('not-found', `There is no version ${keep.version} whose values could be kept.`, {
      hint: 'Give the values with the request.',
    });
  const given = JSON.parse(keys.unseal(row.sealedValues, valuesContext(row.id))) as Record<string, string>;
  const kept = Object.entries(given).filter(([name]) => keep.names.includes(name));
  return { ...own, values: { ...Object.fromEntries(kept), ...own.values } };
};
