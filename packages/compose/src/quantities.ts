const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/**
 * Milliseconds of a Compose duration such as `1m30s`, `500ms` or `1.5h` (Compose specification, *Specifying
 * durations*); anything above zero is at least 1 ms. Undefined for what is none, also for a number without a unit.
 */
export const parseDuration = (text: string): number | undefined => {
  if (text === '0') return 0;
  if (text.length > 60 || !/^((\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h|d|w))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h|d|w)/g)) {
    total += Number(amount) * (UNIT_MS[unit ?? ''] ?? Number.NaN);
  }
  if (!Number.isSafeInteger(Math.ceil(total))) return undefined;
  return total > 0 ? Math.max(1, Math.round(total)) : 0;
};

/**
 * Bytes of a Compose size such as `64m`, `1gb`, `512 KiB` or a plain number; units are powers of 1024, as the
 * engine reads them. Undefined for what is none.
 */
export const parseBytes = (text: string): number | undefined => {
  const match = /^(\d{1,16}(?:\.\d{1,16})?) ?([kmgtp]?)i?b?$/i.exec(text);
  if (!match) return undefined;
  const bytes = Math.floor(Number(match[1]) * 1024 ** ' kmgtp'.indexOf(match[2]?.toLowerCase() || ' '));
  return Number.isSafeInteger(bytes) ? bytes : undefined;
};
