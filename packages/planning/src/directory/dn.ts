/** One `attribute=value` of a DN, with what its value is written with taken away. */
type Part = { text: string; end: number };

const HEX = /^[0-9a-f]{2}/i;

/** Reads a value up to the next separator; escapes become what they stand for. */
const readValue = (dn: string, start: number): Part => {
  const bytes: number[] = [];
  const kept: boolean[] = [];
  const encoder = new TextEncoder();
  let at = start;
  while (at < dn.length && !',;+'.includes(dn.charAt(at))) {
    const escaped = dn.charAt(at) === '\\' && at + 1 < dn.length;
    const hex = escaped ? HEX.exec(dn.slice(at + 1, at + 3))?.[0] : undefined;
    const char = String.fromCodePoint(dn.codePointAt(escaped ? at + 1 : at) ?? 0);
    const added = hex ? [Number.parseInt(hex, 16)] : [...encoder.encode(char)];
    bytes.push(...added);
    kept.push(...added.map(() => escaped));
    at += (escaped ? 1 : 0) + (hex ? 2 : char.length);
  }
  const isBlank = (index: number) => bytes[index] === 32 && !kept[index];
  let [from, to] = [0, bytes.length];
  while (from < to && isBlank(from)) from += 1;
  while (to > from && isBlank(to - 1)) to -= 1;
  return { text: new TextDecoder().decode(Uint8Array.from(bytes.slice(from, to))), end: at };
};

/** A value so written that no two different DNs look alike. */
const written = (value: string): string =>
  value
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/[\\,+=]/g, (char) => `\\${char}`);

/**
 * The one spelling of a distinguished name: two that name the same entry become the same text, whatever their case,
 * spaces, escapes and the order within a compound name. What is no DN becomes itself in lower case.
 */
export const normalDn = (dn: string): string => {
  const names: string[] = [];
  let compound: string[] = [];
  let at = 0;
  while (at < dn.length) {
    const equals = dn.indexOf('=', at);
    if (equals < 0) return dn.trim().toLowerCase();
    const { text, end } = readValue(dn, equals + 1);
    compound.push(`${dn.slice(at, equals).trim().toLowerCase()}=${written(text)}`);
    if (dn.charAt(end) !== '+') {
      names.push(compound.sort().join('+'));
      compound = [];
    }
    at = end + 1;
  }
  return names.join(',');
};
