const BLOCK = 512;
const FILE = new Set(['0', '\0', '']);
const IGNORED = new Set(['5', 'g']);

export type TarEntry = { path: string; content: Uint8Array };

const decoder = new TextDecoder();
const field = (header: Uint8Array, from: number, length: number): string =>
  decoder.decode(header.subarray(from, from + length)).replace(/\0.*$/s, '');

const sizeOf = (header: Uint8Array): number => Number.parseInt(field(header, 124, 12).trim() || '0', 8);

/** `12 path=a/b\n` lines; a long name stands in one before the file that it names. */
const paxPath = (content: Uint8Array): string | undefined =>
  /^\d+ path=(.*)$/m.exec(decoder.decode(content))?.[1];

const nameOf = (header: Uint8Array): string => {
  const prefix = field(header, 345, 155);
  const name = field(header, 0, 100);
  return prefix !== '' && field(header, 257, 5) === 'ustar' ? `${prefix}/${name}` : name;
};

/** The plain files of a tar archive, in its order. Links and devices are refused: a bundle is what it looks like. */
export const readTar = (bytes: Uint8Array): TarEntry[] => {
  const entries: TarEntry[] = [];
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= bytes.length; ) {
    const header = bytes.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) break;
    const size = sizeOf(header);
    const content = bytes.subarray(at + BLOCK, at + BLOCK + size);
    if (!(size >= 0) || content.length < size)
      throw new Error('The archive ends too soon, or is no tar archive. Make it anew with tar.');
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    const kind = field(header, 156, 1);
    const path = longName ?? nameOf(header);
    longName = undefined;
    if (kind === 'x') longName = paxPath(content);
    else if (kind === 'L') longName = decoder.decode(content).replace(/\0+$/, '');
    else if (FILE.has(kind)) entries.push({ path, content });
    else if (!IGNORED.has(kind))
      throw new Error(`${path} is a link or a device; a bundle takes plain files only.`);
  }
  return entries;
};
