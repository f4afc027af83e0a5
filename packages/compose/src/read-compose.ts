import { posix } from 'node:path';
import { Name } from '@portreeve/domain';
import type {
  BundleFile,
  ComposeApplication,
  ComposeNetwork,
  ComposeVariable,
  Diagnostic,
} from './application.ts';
import { type Bundle, findText } from './bundle.ts';
import { checkSection } from './check-keys.ts';
import { checkDependencies, letComplete } from './dependencies.ts';
import { resolveExtends } from './extends.ts';
import { hintAtUnused, readFileObjects, readNetworkObjects, readVolumeObjects } from './objects.ts';
import { parseYaml } from './parse.ts';
import { type ReadService, readService } from './service/read-service.ts';
import type { World } from './service/world.ts';
import { isTooLarge } from './size.ts';
import { entriesOf, type Mapping, member, type Report, type Spot, warn, wrong } from './tree.ts';
import { asBoolean, asText, present, shown } from './values.ts';
import { interpolateFile, lookupIn, type Variables } from './variables.ts';

export type ComposeInput = {
  /** The bundle: paths relative to its top, with `/` and without `.` and `..`, and what each file holds. */
  files: ReadonlyMap<string, BundleFile>;
  /** Those of them that only secrets may be made of, because whoever sends them never saw them. */
  secretFiles?: ReadonlySet<string>;
  /** Path of the Compose file in the bundle. */
  entry: string;
  /** Values of variables; nothing else is ever looked at. */
  values: Readonly<Record<string, string>>;
  /** Profiles whose services are wanted beside those without one; `*` means all. */
  profiles?: readonly string[];
};

export type ComposeResult = {
  application?: ComposeApplication;
  /** Known also where the file is refused: a value that is missing must be possible to give. */
  variables: ComposeVariable[];
  diagnostics: Diagnostic[];
};

/** At most so many errors are told, and so many warnings: neither may crowd out the other. */
const MAX_OF_EACH = 200;

/** Thrown where the last error that is told was met: a file this wrong is not read on. */
class Enough extends Error {}

/**
 * Reads a Compose file with what it names from its bundle (Compose specification, the keys of docs/compose). Does
 * not throw: what is wrong is told with its place, and there is an application only where nothing is.
 */
export const readCompose = (input: ComposeInput): ComposeResult => {
  const told = { error: new Map<string, Diagnostic>(), warning: new Map<string, Diagnostic>() };
  const report: Report = (problem) => {
    // An anchor used in several services is wrong once, not once per use.
    const key = [problem.file, problem.line, problem.column, problem.message].join('\0');
    const known = told[problem.severity];
    if (known.size < MAX_OF_EACH && !known.has(key)) known.set(key, harmless(problem));
    if (told.error.size === MAX_OF_EACH) throw new Enough();
  };
  const met: Variables = new Map();
  const application = readUntilEnough(input, met, report);
  const diagnostics = [...told.error.values(), ...told.warning.values()].sort(byPlace);
  const variables = [...met.values()];
  return told.error.size > 0 || !application
    ? { variables, diagnostics }
    : { application, variables, diagnostics };
};

const readUntilEnough = (
  input: ComposeInput,
  variables: Variables,
  report: Report,
): ComposeApplication | undefined => {
  try {
    return readEntry(input, variables, report);
  } catch (error) {
    if (error instanceof Enough) return undefined;
    throw error;
  }
};

const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Files are untrusted text: no control characters, no marks of direction, nothing endless. */
const harmless = (problem: Diagnostic): Diagnostic => ({
  ...problem,
  message: clean(problem.message, 400),
  path: clean(problem.path, 200),
});

const clean = (text: string, most: number): string => {
  const safe = text.replace(UNSAFE, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`);
  return safe.length > most ? `${safe.slice(0, most - 2)}….` : safe;
};

const byPlace = (a: Diagnostic, b: Diagnostic): number =>
  a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column;

const readEntry = (
  input: ComposeInput,
  variables: Variables,
  report: Report,
): ComposeApplication | undefined => {
  const { files } = input;
  const bundle: Bundle = { files, secretFiles: input.secretFiles ?? new Set() };
  const start = { file: input.entry, line: 1, column: 1 };
  const entry = files.has(input.entry)
    ? findText(bundle, posix.basename(input.entry), start)
    : {
        problem: `The bundle has no file ${shown(input.entry)}; add it, or name another as its Compose file.`,
      };
  if ('problem' in entry) {
    report({ severity: 'error', message: entry.problem, ...start, path: '' });
    return undefined;
  }
  const lookup = lookupIn(input.values);
  const load = remember((path: string, content: string) => {
    const tree = parseYaml(path, content, report);
    return tree && interpolateFile(tree, { lookup, variables, report });
  });
  const file = load(entry.path, entry.content);
  if (!file) return undefined;
  const root: Spot = { tree: resolveExtends(file, { bundle, load, report }), path: '', report };
  if (isTooLarge(root.tree)) {
    wrong(
      root,
      'With aliases, variables and extends the file is larger than 8 MiB or 200000 values; use fewer of them.',
    );
    return undefined;
  }
  checkSection(root, 'compose');
  const world: World = {
    bundle,
    lookup,
    variables,
    room: { left: 8_388_608 },
    ...declaredIn(root),
  };
  return assemble(root, world, input.profiles ?? []);
};

const remember = (load: (path: string, text: string) => Mapping | undefined) => {
  const known = new Map<string, Mapping | undefined>();
  return (path: string, text: string): Mapping | undefined => {
    if (!known.has(path)) known.set(path, load(path, text));
    return known.get(path);
  };
};

const keysOf = (root: Spot, key: string): ReadonlySet<string> =>
  new Set(entriesOf(member(root, key)).map(([name]) => name));

const internalIn = (root: Spot): ReadonlySet<string> =>
  new Set(
    entriesOf(member(root, 'networks')).flatMap(([name, at]) =>
      asBoolean(member(at, 'internal')) ? name : [],
    ),
  );

const declaredIn = (root: Spot) => ({
  internal: internalIn(root),
  networks: keysOf(root, 'networks'),
  volumes: keysOf(root, 'volumes'),
  configs: keysOf(root, 'configs'),
  secrets: keysOf(root, 'secrets'),
});

const assemble = (root: Spot, world: World, profiles: readonly string[]): ComposeApplication => {
  const all = entriesOf(member(root, 'services')).flatMap(
    ([name, spot]) => readService(name, spot, world) ?? [],
  );
  const chosen = letComplete(all.filter((service) => isChosen(service.profiles, profiles)));
  checkDependencies(chosen, keysOf(root, 'services'));
  if (chosen.length === 0) hintAtNoService(root, all);
  // A service that could not be read may use what seems unused.
  if (all.length === keysOf(root, 'services').size) hintAtUnusedObjects(root, all);
  const name = readName(root);
  return {
    ...present({ name }),
    services: chosen.map(({ dependencies: _, restartAt: __, ...service }) => service),
    networks: withDefault(readNetworkObjects(root), chosen),
    volumes: readVolumeObjects(root),
    configs: readFileObjects(root, 'configs', world),
    secrets: readFileObjects(root, 'secrets', world),
  };
};

const isChosen = (own: readonly string[], profiles: readonly string[]): boolean =>
  own.length === 0 || profiles.includes('*') || own.some((profile) => profiles.includes(profile));

const hintAtNoService = (root: Spot, all: readonly ReadService[]): void => {
  const profiles = [...new Set(all.flatMap((service) => service.profiles))];
  if (profiles.length > 0) {
    wrong(
      root,
      `Every service has a profile and none is chosen; choose one of ${profiles.slice(0, 5).map(shown).join(', ')}.`,
    );
    return;
  }
  const services = member(root, 'services');
  if (services && entriesOf(services).length === 0) {
    wrong(root, 'The file has no services; add one under the key services.');
  }
};

const hintAtUnusedObjects = (root: Spot, services: readonly ReadService[]): void => {
  const specs = services.map(({ spec }) => spec);
  hintAtUnused(
    root,
    'networks',
    new Set([...specs.flatMap((s) => s.networks.map((n) => n.name)), 'default']),
  );
  hintAtUnused(
    root,
    'volumes',
    new Set(specs.flatMap((s) => s.mounts.flatMap((m) => (m.kind === 'volume' && m.source) || []))),
  );
  hintAtUnused(root, 'configs', new Set(specs.flatMap((s) => s.configs.map((c) => c.source))));
  hintAtUnused(root, 'secrets', new Set(specs.flatMap((s) => s.secrets.map((c) => c.source))));
};

const readName = (root: Spot): string | undefined => {
  const version = member(root, 'version');
  if (version) warn(version, 'version says nothing any more; remove it.');
  const at = member(root, 'name');
  const name = asText(at);
  if (at === undefined || name === undefined || Name.safeParse(name).success) return name;
  wrong(at, `“${shown(name)}” is no name for a stack; use lower-case letters, digits, - and _, at most 63.`);
  return undefined;
};

/** The network `default` needs no declaration; it is there where a service is on it. */
const withDefault = (networks: ComposeNetwork[], services: readonly ReadService[]): ComposeNetwork[] => {
  const isUsed = services.some(({ spec }) => spec.networks.some(({ name }) => name === 'default'));
  if (!isUsed || networks.some(({ name }) => name === 'default')) return networks;
  return [...networks, { name: 'default', internal: false }];
};
