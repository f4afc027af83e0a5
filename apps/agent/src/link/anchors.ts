import { X509Certificate } from 'node:crypto';

/** The text stays with its certificate: what is kept must be what was there, to the letter. */
type Read = { pem: string; certificate: X509Certificate };
const read = (pem: string): Read[] => {
  try {
    return [{ pem, certificate: new X509Certificate(pem) }];
  } catch {
    return [];
  }
};
const keyOf = (certificate: X509Certificate): string =>
  certificate.publicKey.export({ type: 'spki', format: 'der' }).toString('hex');

/**
 * The trust anchors that a host keeps of those a server offers (SPEC.md, C5): what it trusts already, and a new one
 * only beside a certificate of the same key that one of the present ones signed. Who has taken a server, and with it
 * the key of its TLS alone, cannot give the hosts another CA to believe. Without one that stands, all stays as it was.
 */
export const provenAnchors = (trusted: readonly string[], offered: readonly string[]): string[] => {
  const present = trusted.flatMap(read);
  const known = new Set(present.map(({ certificate }) => certificate.fingerprint256));
  const all = offered.flatMap(read);
  const isSignedByOurs = (one: X509Certificate): boolean =>
    one.ca && present.some(({ certificate }) => one.verify(certificate.publicKey));
  const vouchedFor = new Set(
    all.flatMap(({ certificate }) => (isSignedByOurs(certificate) ? [keyOf(certificate)] : [])),
  );
  const isProven = (one: X509Certificate): boolean =>
    one.ca && one.verify(one.publicKey) && vouchedFor.has(keyOf(one));
  const kept = all.filter(
    ({ certificate }) => known.has(certificate.fingerprint256) || isProven(certificate),
  );
  return kept.length > 0 ? kept.map(({ pem }) => pem) : [...trusted];
};
