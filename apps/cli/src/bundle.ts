import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { parseDotenv } from '@portreeve/compose';
import type { Application, BundleFile } from '@portreeve/contract';
import { readNamed } from './files.ts';

const MAX_FILES = 200;
const MAX_BYTES = 2 * 1024 * 1024;
const SKIP = new Set(['.git', 'node_modules']);

/** Text as it is, and everything else as the bytes that it is: nothing is changed on its way. */
const contentOf = (bytes: Buffer): BundleFile => {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch {
    // No text, then.
  }
  return { base64: bytes.toString('base64') };
};

const walk = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (SKIP.has(entry.name) || entry.isSymbolicLink()) return [];
    if (entry.isDirectory()) return walk(path);
    return entry.isFile() ? [path] : [];
  });

const readAll = (folder: string, paths: string[]): Record<string, BundleFile> => {
  if (paths.length > MAX_FILES)
    throw new Error(
      `${folder} holds ${paths.length} files; a bundle takes at most ${MAX_FILES}. Name a smaller folder.`,
    );
  const total = paths.reduce((sum, path) => sum + statSync(path).size, 0);
  if (total > MAX_BYTES)
    throw new Error(
      `${folder} holds ${total} bytes; a bundle takes at most ${MAX_BYTES}. Name a smaller folder.`,
    );
  return Object.fromEntries(paths.map((path) => [relative(folder, path), contentOf(readFileSync(path))]));
};

/** The values of a file in dotenv format, as `docker compose --env-file` reads it. */
const valuesIn = (file: string): [string, string][] => {
  const { entries, problems, warnings } = parseDotenv(
    readNamed(file, '--env-file').toString(),
    () => undefined,
    false,
  );
  const [problem] = [...problems, ...warnings];
  if (problem) throw new Error(`${file}:${problem.line}: ${problem.message}`);
  return entries.map(({ name, value, line }) => {
    if (value === undefined) throw new Error(`${file}:${line}: ${name} has no value; write ${name}=value.`);
    return [name, value];
  });
};

const pairOf = (pair: string): [string, string] => {
  const at = pair.indexOf('=');
  if (at < 1) throw new Error(`"${pair}" is no value: write NAME=value.`);
  return [pair.slice(0, at), pair.slice(at + 1)];
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
  const given = readNamed(file, '--file');
  return {
    files: options.bundle ? readAll(folder, walk(folder)) : { [basename(file)]: contentOf(given) },
    entry: basename(file),
    values: Object.fromEntries([...options.envFile.flatMap(valuesIn), ...options.value.map(pairOf)]),
    profiles: options.profile,
  };
};
