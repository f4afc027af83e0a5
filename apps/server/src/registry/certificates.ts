import { X509Certificate } from 'node:crypto';
import { DomainError } from '@portreeve/domain';

const BLOCK = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** The certificates in what a person pasted, in one form, and nothing else of it: a key beside them is not kept. */
export const readCertificates = (pasted: string): string => {
  const blocks = pasted.match(BLOCK) ?? [];
  try {
    if (blocks.length > 0) return blocks.map((block) => new X509Certificate(block).toString()).join('');
  } catch {
    // Said below, as for text without any.
  }
  throw new DomainError('request.invalid', 'The CA is no certificate in PEM form.', {
    hint: 'Paste the text from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----.',
  });
};
