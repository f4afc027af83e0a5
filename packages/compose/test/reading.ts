import type { ServiceSpec } from '@portreeve/domain';
import {
  type BundleFile,
  type ComposeApplication,
  type ComposeInput,
  type Diagnostic,
  readCompose,
} from '../src/index.ts';

type More = Partial<Omit<ComposeInput, 'files' | 'entry'>> & { files?: Record<string, BundleFile> };

const indented = (text: string, by: string): string => text.trim().replaceAll(/^/gm, by);

/** Reads one Compose file, with what else is in its bundle. */
export const read = (text: string, { files = {}, values = {}, profiles = [], ...more }: More = {}) =>
  readCompose({
    files: new Map([['compose.yaml', text], ...Object.entries(files)]),
    entry: 'compose.yaml',
    values,
    profiles,
    ...more,
  });

/** A file with one service `web` of these keys; `rest` stands at the top level. */
export const withService = (keys: string, rest = ''): string =>
  `${rest}\nservices:\n  web:\n    image: web:1\n${indented(keys, '    ')}\n`;

const said = (diagnostics: readonly Diagnostic[]): string =>
  diagnostics.map(({ line, column, path, message }) => `${line}:${column} ${path} ${message}`).join('\n');

/** The application of a file that is right. */
export const applicationOf = (text: string, more: More = {}): ComposeApplication => {
  const { application, diagnostics } = read(text, more);
  if (!application) throw new Error(`refused:\n${said(diagnostics)}`);
  return application;
};

/** The spec of the first service of a file that is right. */
export const specOf = (text: string, more: More = {}): ServiceSpec => {
  const [service] = applicationOf(text, more).services;
  if (!service) throw new Error('the file has no service');
  return service.spec;
};

/** What is said of a file, as `path: message`, errors only or warnings only. */
export const saidOf = (text: string, more: More = {}, severity: Diagnostic['severity'] = 'error'): string[] =>
  read(text, more)
    .diagnostics.filter((problem) => problem.severity === severity)
    .map(({ path, message }) => `${path}: ${message}`);
