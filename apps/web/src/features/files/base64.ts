/** Base64 of bytes; in steps, as a call takes only so many arguments. */
export const encodeBytes = (bytes: Uint8Array): string => {
  const STEP = 8_192;
  let text = '';
  for (let at = 0; at < bytes.length; at += STEP)
    text += String.fromCharCode(...bytes.subarray(at, at + STEP));
  return btoa(text);
};

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));

/** The text in base64; null when it is not text but something a page cannot show. */
export const decodeText = (base64: string): string | null => {
  const bytes = bytesOf(base64);
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
};
