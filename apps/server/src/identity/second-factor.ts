import { randomInt } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';

const PERIOD_S = 30;
/** The step before and the one after count too: clocks differ, and people type slowly. */
const WINDOW = 1;
const RECOVERY_CODES = 10;
// No 0, O, 1, I, L: these are read from paper and typed.
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';

const totpOf = (secret: string): TOTP =>
  new TOTP({ algorithm: 'SHA1', digits: 6, period: PERIOD_S, secret: Secret.fromBase32(secret) });

/** 160 random bits in base 32, as authenticators take them (RFC 4226, section 4). */
export const newTotpSecret = (): string => new Secret({ size: 20 }).base32;

/** What an authenticator reads as a picture: `otpauth://totp/…`. */
export const totpAddress = (secret: string, issuer: string, name: string): string =>
  new TOTP({ issuer, label: name, secret: Secret.fromBase32(secret), period: PERIOD_S }).toString();

/** The time step (RFC 6238) whose code this is; undefined when it is none of those that count now. */
export const totpStep = (secret: string, code: string, now: Date): number | undefined => {
  if (!/^\d{6}$/.test(code)) return undefined;
  const delta = totpOf(secret).validate({ token: code, timestamp: now.getTime(), window: WINDOW });
  return delta === null ? undefined : Math.floor(now.getTime() / 1000 / PERIOD_S) + delta;
};

/** Ten codes of 50 bits, each good once in place of an authenticator's. */
export const newRecoveryCodes = (): string[] => {
  const pick = (): string => Array.from({ length: 5 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return Array.from({ length: RECOVERY_CODES }, () => `${pick()}-${pick()}`);
};

/** The same however it was typed. */
export const plainCode = (code: string): string => code.trim().toLowerCase().replaceAll(/\s/g, '');
