import { createHash, randomBytes } from 'node:crypto';

/** 192 random bits, with a prefix by which secret scanners and people know what it is. */
export const makeJoinToken = (): string => `prj_${randomBytes(24).toString('base64url')}`;

/** What is stored of a token: it is random, so one SHA-256 is enough. */
export const hashJoinToken = (token: string): string => createHash('sha256').update(token).digest('hex');
