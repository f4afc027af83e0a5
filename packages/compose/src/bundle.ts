import { posix } from 'node:path';
import type { BundleFile } from './application.ts';
import type { Place } from './tree.ts';

export type Bundle = {
  /** Paths relative to the bundle's top, with `/` and without `.` and `..`. */
  files: ReadonlyMap<string, BundleFile>;
  /** Those of the files that only secrets may be made of, because whoever sends them never saw them. */
  secretFiles: ReadonlySet<string>;
};

type Found<T> = { path: string; content: T } | { problem: string };

/**
 * Finds a file of the bundle that a secret names, relative to the file that names it. Nothing outside the bundle is
 * ever read; the problem is one sentence.
 */
export const findForSecret = ({ files }: Bundle, name: string, from: Place): Found<BundleFile> => {
  if (name.startsWith('/') || name.startsWith('~') || name.includes('\0')) {
    return {
      problem: `${name} is outside the bundle; put the file into it and name it relative to this one.`,
    };
  }
  const path = posix.normalize(posix.join(posix.dirname(from.file), name));
  if (path === '..' || path.startsWith('../')) {
    return { problem: `${name} is outside the bundle; put the file into it.` };
  }
  const content = files.get(path);
  if (content !== undefined) return { path, content };
  return { problem: `The bundle has no file ${path}; add it, or correct the name.` };
};

/** The same for what may be shown: the file of a secret that was kept unseen is not given out another way. */
export const findFile = (bundle: Bundle, name: string, from: Place): Found<BundleFile> => {
  const found = findForSecret(bundle, name, from);
  if ('problem' in found || !bundle.secretFiles.has(found.path)) return found;
  return {
    problem: `${found.path} was kept unseen as the file of a secret; send it anew to use it for anything else.`,
  };
};

/** The same for what is read as text. */
export const findText = (bundle: Bundle, name: string, from: Place): Found<string> => {
  const found = findFile(bundle, name, from);
  if ('problem' in found) return found;
  const { path, content } = found;
  if (typeof content === 'string') return { path, content };
  return {
    problem: `${path} is no UTF-8 text; save it as one. Only files of configs and secrets may be anything else.`,
  };
};
