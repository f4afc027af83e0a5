import { madeStorable } from '../platform/db/storable-text.ts';

const isPlain = (value: object): boolean => Object.getPrototypeOf(value) === Object.prototype;

/**
 * What hosts send, as PostgreSQL takes it. A program may print a byte of zero and the end of its log may cut a character,
 * and a report refused for it would be sent for ever.
 */
export const storable = (value: unknown): unknown => {
  if (typeof value === 'string') return madeStorable(value);
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value !== 'object' || value === null || !isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [madeStorable(key), storable(one)]));
};
