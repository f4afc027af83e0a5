import type { BundleFile } from '@portreeve/contract';
import { decodeText, encodeBytes } from '../files/base64.ts';
import { readTar, type TarEntry } from './tar.ts';

const MOST_FILES = 200;
const MOST_BYTES = 2 * 1024 * 1024;
/** Of an archive as it lies there: a small file may unpack to a large one. */
const MOST_UNPACKED = 2 * MOST_BYTES;

const COMPOSE = /(^|\/)(docker-)?compose\.ya?ml$/;
const depth = (path: string): number => path.split('/').length;

/** The Compose file of a bundle: the one nearest to its top. */
export const entryOf = (paths: readonly string[]): string | undefined =>
  paths.filter((path) => COMPOSE.test(path)).sort((a, b) => depth(a) - depth(b))[0];

/** Text where it is one; the bytes of everything else go as they are. */
const contentOf = (bytes: Uint8Array): BundleFile => {
  const base64 = encodeBytes(bytes);
  return decodeText(base64) ?? { base64 };
};

const pathWithin = (path: string): string => {
  const plain = path
    .split('/')
    .filter((part, at) => part !== '.' && (part !== '' || at === 0))
    .join('/');
  if (plain.startsWith('/') || plain.split('/').includes('..'))
    throw new Error(`${path} leads out of the bundle; a bundle holds paths below its own folder only.`);
  return plain;
};

/** The folder that all files stand in, when there is one: its own name is no part of a bundle. */
const commonFolder = (paths: readonly string[]): string => {
  const [first = ''] = paths;
  const folder = first.includes('/') ? first.slice(0, first.indexOf('/') + 1) : '';
  return folder !== '' && paths.every((path) => path.startsWith(folder)) ? folder : '';
};

/** Files of a bundle as the API takes them. Throws a sentence for what it cannot carry. */
export const bundleOf = (found: readonly TarEntry[]): Record<string, BundleFile> => {
  // What a Mac adds beside each file is no part of anybody's application.
  const entries = found.filter(({ path }) => !/(^|\/)\._[^/]*$/.test(path));
  if (entries.length > MOST_FILES)
    throw new Error(
      `At most ${MOST_FILES} files; these are ${entries.length}. Leave out what the Compose file does not name.`,
    );
  if (entries.reduce((sum, { content }) => sum + content.length, 0) > MOST_BYTES)
    throw new Error('At most 2 MiB together. Images belong in a registry, data in volumes.');
  const named = entries.map((entry) => ({ ...entry, path: pathWithin(entry.path) }));
  const folder = commonFolder(named.map(({ path }) => path));
  const files: Record<string, BundleFile> = {};
  for (const entry of named) {
    const path = entry.path.slice(folder.length);
    if (files[path] !== undefined) throw new Error(`${path} is in the bundle twice.`);
    files[path] = contentOf(entry.content);
  }
  return files;
};

const readAll = async (stream: ReadableStream<Uint8Array>): Promise<Uint8Array> => {
  const reader = stream.getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > MOST_UNPACKED)
      throw new Error('The archive holds more than 2 MiB. Leave out what is not needed.');
    parts.push(value);
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
};

const TAR = /\.(tar|tgz|tar\.gz)$/i;
const entriesOf = async (file: File): Promise<TarEntry[]> => {
  if (!TAR.test(file.name))
    return [{ path: file.webkitRelativePath || file.name, content: await readAll(file.stream()) }];
  const packed = /gz$/i.test(file.name);
  const stream = packed ? file.stream().pipeThrough(new DecompressionStream('gzip')) : file.stream();
  return readTar(await readAll(stream));
};

/** Reads what was chosen: files, a folder, or a bundle as `.tar` or `.tar.gz`. */
export const readChosen = async (chosen: readonly File[]): Promise<Record<string, BundleFile>> =>
  bundleOf((await Promise.all(chosen.map(entriesOf))).flat());
