import { posix } from 'node:path';
import type { Place } from './tree.ts';

export type Found = { path: string; text: string } | { problem: string };

/**
 * Finds a file of the bundle that a file names, relative to that file. Nothing outside the bundle is ever read;
 * the problem is one sentence.
 */
export const findInBundle = (files: ReadonlyMap<string, string>, name: string, from: Place): Found => {
  if (name.startsWith('/') || name.startsWith('~') || name.includes('\0')) {
    return {
      problem: `${name} is outside the bundle; put the file into it and name it relative to this one.`,
    };
  }
  const path = posix.normalize(posix.join(posix.dirname(from.file), name));
  if (path === '..' || path.startsWith('../')) {
    return { problem: `${name} is outside the bundle; put the file into it.` };
  }
  const text = files.get(path);
  if (text !== undefined) return { path, text };
  return { problem: `The bundle has no file ${path}; add it, or correct the name.` };
};
