import { type Bundle, findText } from './bundle.ts';
import { mergeSection } from './merge.ts';
import type { Entry, Mapping, Place, Report, Tree } from './tree.ts';

/** Reads and interpolates a file of the bundle once; undefined where it is unusable, which was reported. */
export type LoadFile = (path: string, text: string) => Mapping | undefined;

export type Extending = { bundle: Bundle; load: LoadFile; report: Report };

/**
 * The services of a file with all that they take over by `extends`, from this file and from files of the bundle.
 * Reports cycles and what is missing.
 */
export const resolveExtends = (root: Mapping, with_: Extending): Mapping => {
  const services = root.entries.get('services');
  if (services?.value.kind !== 'map') return root;
  const resolved = [...services.value.entries].map(([name, entry]): [string, Entry] => [
    name,
    { at: entry.at, value: resolve(entry.value, name, root, [], with_) },
  ]);
  const value: Mapping = { ...services.value, entries: new Map(resolved) };
  return { ...root, entries: new Map(root.entries).set('services', { at: services.at, value }) };
};

type Base = { service: string; file?: string; place: Place };

const baseOf = (tree: Tree): Base | undefined => {
  if (tree.kind === 'scalar') return { service: tree.text, place: tree.place };
  if (tree.kind === 'list') return undefined;
  const service = tree.entries.get('service')?.value;
  const file = tree.entries.get('file')?.value;
  if (service?.kind !== 'scalar') return undefined;
  return {
    service: service.text,
    ...(file?.kind === 'scalar' && file.type !== 'null' ? { file: file.text } : {}),
    place: service.place,
  };
};

const MAX_CHAIN = 20;

const resolve = (
  service: Tree,
  name: string,
  root: Mapping,
  chain: readonly string[],
  with_: Extending,
): Tree => {
  if (service.kind !== 'map') return service;
  const extending = service.entries.get('extends');
  const base = extending && baseOf(extending.value);
  if (!base) return service;
  const fail = (message: string): Tree => {
    with_.report({ severity: 'error', message, ...base.place, path: `services.${name}.extends` });
    return service;
  };
  const here = `${root.place.file}#${name}`;
  if (chain.length >= MAX_CHAIN)
    return fail(`${name} is extended over more than ${MAX_CHAIN} services; shorten the chain.`);
  if (chain.includes(here)) {
    return fail(`${name} extends itself over ${[...chain, here].slice(-3).join(' and ')}; break the circle.`);
  }
  const from = base.file === undefined ? root : load(base.file, base.place, with_);
  if (typeof from === 'string') return fail(from);
  if (!from) return service;
  const services = from.entries.get('services')?.value;
  const found = services?.kind === 'map' ? services.entries.get(base.service)?.value : undefined;
  if (!found) {
    return fail(
      `${from.place.file} has no service ${base.service} to extend; correct the name, or name its file.`,
    );
  }
  const full = resolve(found, base.service, from, [...chain, here], with_);
  if (full.kind !== 'map') return service;
  const merged = mergeSection(withoutExtends(full), service, 'service');
  // Kept, so that a wrong key under it is still found by the check.
  return { ...merged, entries: new Map(merged.entries).set('extends', extending) };
};

const withoutExtends = (service: Mapping): Mapping => ({
  ...service,
  entries: new Map([...service.entries].filter(([key]) => key !== 'extends')),
});

const load = (file: string, place: Place, with_: Extending): Mapping | string | undefined => {
  const found = findText(with_.bundle, file, place);
  return 'problem' in found ? found.problem : with_.load(found.path, found.content);
};
