import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Application } from '@portreeve/contract';

const MAX_FILES = 200;
const MAX_BYTES = 2 * 1024 * 1024;
const SKIP = new Set(['.git', 'node_modules']);

/** A bundle carries text. Bytes that are none are refused here, before they would be changed in silence. */
const readText = (path: string): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path));
  } catch {
    throw new Error(
      `${path} is no UTF-8 text, which a bundle cannot carry. Make it a config or secret of the project, or move it out of the folder.`,
    );
  }
};

const walk = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (SKIP.has(entry.name) || entry.isSymbolicLink()) return [];
    if (entry.isDirectory()) return walk(path);
    return entry.isFile() ? [path] : [];
  });

const readAll = (folder: string, paths: string[]): Record<string, string> => {
  if (paths.length > MAX_FILES)
    throw new Error(
      `${folder} holds ${paths.length} files; a bundle takes at most ${MAX_FILES}. Name a smaller folder.`,
    );
  const total = paths.reduce((sum, path) => sum + statSync(path).size, 0);
  if (total > MAX_BYTES)
    throw new Error(
      `${folder} holds ${total} bytes; a bundle takes at most ${MAX_BYTES}. Name a smaller folder.`,
    );
  return Object.fromEntries(paths.map((path) => [relative(folder, path), readText(path)]));
};

/** `KEY=value` lines as the shell's env files have them. */
const valuesOf = (pairs: string[], files: string[]): Record<string, string> => {
  const lines = files
    .flatMap((file) => readFileSync(file, 'utf8').split('\n'))
    .filter((text) => /^\s*[A-Za-z_]\w*=/.test(text));
  return Object.fromEntries(
    [...lines.map((text) => text.trim()), ...pairs].map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new Error(`"${pair}" is no value: write NAME=value.`);
      return [pair.slice(0, at), pair.slice(at + 1).replace(/^(["'])(.*)\1$/, '$2')];
    }),
  );
};

/** A Compose file, alone or with the folder around it, as the API takes it. */
export const readApplication = (options: {
  file: string;
  bundle: boolean;
  value: string[];
  envFile: string[];
  profile: string[];
}): Application => {
  const file = resolve(options.file);
  const folder = dirname(file);
  return {
    files: options.bundle ? readAll(folder, walk(folder)) : { [basename(file)]: readFileSync(file, 'utf8') },
    entry: basename(file),
    values: valuesOf(options.value, options.envFile),
    profiles: options.profile,
  };
};
