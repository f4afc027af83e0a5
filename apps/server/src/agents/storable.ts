const storableText = (text: string): string => text.replaceAll('\0', '\ufffd').toWellFormed();

const isPlain = (value: object): boolean => Object.getPrototypeOf(value) === Object.prototype;

/**
 * What hosts send, as PostgreSQL takes it: neither text nor JSON there holds a byte of zero or half a surrogate pair. A
 * program may print the one and the end of its log may cut the other, and a report refused for it would be sent for ever.
 */
export const storable = (value: unknown): unknown => {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value !== 'object' || value === null || !isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [storableText(key), storable(one)]));
};
