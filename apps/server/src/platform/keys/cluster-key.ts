import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DomainError } from '@portreeve/domain';

/** Seals and opens what is stored; every ciphertext names its key, so that the key can be rotated. */
export type ClusterKeys = {
  /** `context` says what the value is and whose (`registry:<id>`): a ciphertext moved elsewhere does not open. */
  seal(plaintext: string, context: string): string;
  unseal(sealed: string, context: string): string;
  keyId: string;
};

const VERSION = 's1';

/** AES-256-GCM; the text is `s1.<key id>.<nonce>.<ciphertext and tag>`, base64url. */
export const createKeys = (key: Uint8Array): ClusterKeys => {
  if (key.length !== 32) throw new DomainError('internal', 'The cluster key must have 256 bits.');
  const keyId = createHash('sha256').update('portreeve key id').update(key).digest('hex').slice(0, 12);
  return {
    keyId,
    seal: (plaintext, context) => {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      cipher.setAAD(Buffer.from(`${keyId}\n${context}`));
      const body = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return [VERSION, keyId, nonce.toString('base64url'), body.toString('base64url')].join('.');
    },
    unseal: (sealed, context) => {
      const [version, sealedBy, nonce, body] = sealed.split('.');
      if (version !== VERSION || !sealedBy || !nonce || !body)
        throw new DomainError('internal', `The sealed value for ${context} is damaged.`);
      if (sealedBy !== keyId)
        throw new DomainError(
          'internal',
          `The value for ${context} was sealed with another cluster key (${sealedBy}).`,
          {
            hint: 'Start the server with the key file that was in use then.',
          },
        );
      const bytes = Buffer.from(body, 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64url'));
      decipher.setAAD(Buffer.from(`${keyId}\n${context}`));
      decipher.setAuthTag(bytes.subarray(-16));
      try {
        return decipher.update(bytes.subarray(0, -16), undefined, 'utf8') + decipher.final('utf8');
      } catch (cause) {
        throw new DomainError(
          'internal',
          `The sealed value for ${context} is damaged or belongs elsewhere.`,
          { cause },
        );
      }
    },
  };
};

/** Makes the key file where there is none; only for a cluster that does not exist yet. */
export const makeKeyFile = (path: string): void => {
  mkdirSync(dirname(path), { recursive: true });
  // `wx`: of two that start at once one makes it, and the other reads that one's.
  writeFileSync(path, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
};

/** Reads the cluster key; refuses a file that others can read. */
export const readKeyFile = (path: string): ClusterKeys => {
  if (!existsSync(path))
    throw new DomainError(
      'internal',
      `The cluster key ${path} is missing, and stored secrets cannot be read without it.`,
      {
        hint: 'Put the file back, or name it in PORTREEVE_KEY_FILE; every server needs the same one.',
      },
    );
  if ((statSync(path).mode & 0o077) !== 0)
    throw new DomainError('internal', `The cluster key ${path} can be read by others.`, {
      hint: `Run "chmod 600 ${path}", and think of it as known to whoever could read it.`,
    });
  return createKeys(Buffer.from(readFileSync(path, 'utf8').trim(), 'base64'));
};
