import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const MAGIC = Buffer.from('PRS1');
const IV = 12;
const TAG = 16;

/** AES-256-GCM; `name` is bound in, so that one file cannot be put in the place of another. */
export const seal = (key: Buffer, name: string, plain: Uint8Array): Buffer => {
  const iv = randomBytes(IV);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(Buffer.from(name));
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([MAGIC, iv, cipher.getAuthTag(), body]);
};

/** Undefined when the bytes are cut, changed, of another name or of another key. */
export const unseal = (key: Buffer, name: string, sealed: Uint8Array): Buffer | undefined => {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  const start = MAGIC.length + IV + TAG;
  if (bytes.length < start || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(MAGIC.length, MAGIC.length + IV));
    decipher.setAAD(Buffer.from(name));
    decipher.setAuthTag(bytes.subarray(MAGIC.length + IV, start));
    return Buffer.concat([decipher.update(bytes.subarray(start)), decipher.final()]);
  } catch {
    return undefined;
  }
};
