import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';

/** 256 random bits for cookies, page secrets and tokens. */
export const newSecret = (prefix = ''): string => `${prefix}${randomBytes(32).toString('base64url')}`;

/** Random secrets need no slow hash: they cannot be guessed. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

export const sameHash = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

// No 0, O, 1, I, L: these are read from a screen and typed.
const ALPHABET = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';
const pick = (length: number): string =>
  Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');

/** A password for a person to type once, 95 bits. */
export const newOneTimePassword = (): string => [pick(5), pick(5), pick(5), pick(4)].join('-').toLowerCase();

/** The code of a device sign-in, 40 bits, good for minutes. */
export const newUserCode = (): string => `${pick(4)}-${pick(4)}`;

/** A one-time password that was used: it opens nothing more, but proves itself once when the new one is set. */
const USED = 'used:';
export const markUsed = (passwordHash: string): string => `${USED}${passwordHash}`;
export const isUsed = (passwordHash: string): boolean => passwordHash.startsWith(USED);

export const hashPassword = (password: string): Promise<string> => hash(password);

// Verified when there is no such account, so that the answer takes as long.
const NOBODYS_HASH = hashPassword(newSecret());

/** True when `password` is the one behind `passwordHash`; takes as long when there is none. */
export const verifyPassword = async (passwordHash: string | null, password: string): Promise<boolean> => {
  const right = await verify(passwordHash?.replace(USED, '') ?? (await NOBODYS_HASH), password);
  return right && passwordHash !== null;
};
