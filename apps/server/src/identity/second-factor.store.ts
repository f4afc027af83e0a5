import type { Tx } from '../platform/db/database.ts';
import type { ClusterKeys } from '../platform/keys/cluster-key.ts';
import { plainCode, totpStep } from './second-factor.ts';
import { hashSecret } from './secrets.ts';

/** What of an account says whether and how codes are asked for. */
export type SecondFactor = {
  id: string;
  sealedTotp: string | null;
  totpSince: Date | null;
  totpStep: bigint | null;
  recoveryHashes: string[] | null;
};

const contextOf = (userId: string): string => `totp:${userId}`;

/** Keeps a secret that counts once it is confirmed; one that was begun before is forgotten. */
export const beginSecondFactor = (tx: Tx, keys: ClusterKeys, userId: string, secret: string) =>
  tx.user.update({
    where: { id: userId },
    data: { sealedTotp: keys.seal(secret, contextOf(userId)), totpSince: null, totpStep: null },
  });

export const endSecondFactor = (tx: Tx, userId: string) =>
  tx.user.update({
    where: { id: userId },
    data: { sealedTotp: null, totpSince: null, totpStep: null, recoveryHashes: [] },
  });

export const keepRecoveryCodes = (tx: Tx, userId: string, codes: readonly string[], now: Date) =>
  tx.user.update({
    where: { id: userId },
    data: { totpSince: now, recoveryHashes: codes.map(hashSecret) },
  });

/**
 * Spends a code of the authenticator, or a recovery code; false when it is wrong or was spent before. Of two who know
 * the same code at the same moment one is let in.
 */
export const spendCode = async (
  tx: Tx,
  keys: ClusterKeys,
  { id, sealedTotp, recoveryHashes }: SecondFactor,
  code: string,
  now: Date,
): Promise<boolean> => {
  if (sealedTotp === null) return false;
  const plain = plainCode(code);
  const step = totpStep(keys.unseal(sealedTotp, contextOf(id)), plain, now);
  if (step !== undefined) {
    const spent = await tx.$executeRaw`
      UPDATE "User" SET "totpStep" = ${step} WHERE id = ${id}::uuid AND coalesce("totpStep", 0) < ${step}`;
    return spent === 1;
  }
  const hash = hashSecret(plain);
  if (!recoveryHashes?.includes(hash)) return false;
  const spent = await tx.$executeRaw`
    UPDATE "User" SET "recoveryHashes" = array_remove("recoveryHashes", ${hash})
    WHERE id = ${id}::uuid AND ${hash} = ANY("recoveryHashes")`;
  return spent === 1;
};
