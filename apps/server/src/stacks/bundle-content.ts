import { posix } from 'node:path';
import type { BundleFile as FileContent } from '@portreeve/compose';
import type { BundleFile } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import { isStorable } from '../platform/db/storable-text.ts';

const MAX_FILES = 200;
const MAX_BYTES = 2 * 1024 * 1024;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Text where the bytes are one, however they were sent. */
const contentOf = (file: BundleFile): FileContent => {
  if (typeof file === 'string') return file;
  const bytes = Buffer.from(file.base64, 'base64');
  try {
    const text = decoder.decode(bytes);
    return isStorable(text) ? text : bytes;
  } catch {
    return bytes;
  }
};

/** What a path that is no other has: relative to the top, and written the one way that it is looked up. */
const isBundlePath = (path: string): boolean =>
  path !== '' && path !== '.' && path === posix.normalize(path) && !/^(\/|\.\.(\/|$))|\/$/.test(path);

/** What the files of a bundle hold. */
export const contentsOf = (files: Record<string, BundleFile>): Map<string, FileContent> =>
  new Map(Object.entries(files).map(([path, file]) => [path, contentOf(file)]));

/** The same of files that are sent. Refuses more than a bundle carries, and paths that lead out of it. */
export const requireContents = (files: Record<string, BundleFile>): Map<string, FileContent> => {
  const contents = contentsOf(files);
  for (const path of contents.keys()) {
    if (!isBundlePath(path))
      throw new DomainError('request.invalid', `${JSON.stringify(path)} is no path within a bundle.`, {
        hint: 'Write it relative to the top of the bundle, without “.” and “..”.',
      });
  }
  const bytes = [...contents.values()].reduce((sum, content) => sum + Buffer.byteLength(content), 0);
  if (contents.size <= MAX_FILES && bytes <= MAX_BYTES) return contents;
  throw new DomainError('too-large', `The bundle has ${contents.size} files of ${bytes} bytes.`, {
    hint: `At most ${MAX_FILES} files and 2 MiB go with a stack; mount larger data as a volume.`,
  });
};
