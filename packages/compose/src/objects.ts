import { MOST_FILE_BYTES, Name } from '@portreeve/domain';
import { z } from 'zod';
import type { ComposeFileObject, ComposeNetwork, ComposeVolume } from './application.ts';
import { findFile, findForSecret } from './bundle.ts';
import { recordOf } from './service/pairs.ts';
import { TOO_MUCH, type World } from './service/world.ts';
import { entriesOf, itemsOf, member, type Spot, warn, wrong } from './tree.ts';
import { asBoolean, asText, present, shown } from './values.ts';
import { noteUse } from './variables.ts';

type Named = { name: string; at: Spot; external?: { name: string } };

/** The objects under one top-level key, with what of them is external. Names of the engine are never used. */
const namedOf = (root: Spot, key: string): Named[] =>
  entriesOf(member(root, key)).flatMap(([name, at]) => {
    if (!Name.safeParse(name).success) {
      wrong(at, `${shown(name)} is no name; use lower-case letters, digits, - and _, at most 63.`);
      return [];
    }
    const externalAt = member(at, 'external');
    const isExternal = externalAt?.tree.kind === 'map' || asBoolean(externalAt) === true;
    const nameAt = member(at, 'name') ?? member(externalAt, 'name');
    const given = asText(nameAt);
    if (!isExternal && nameAt) {
      wrong(
        nameAt,
        `Objects of a stack are named by their key; remove name, or add external: true to use one of the project.`,
      );
    }
    if (nameAt && given !== undefined && !Name.safeParse(given).success) {
      wrong(
        nameAt,
        `${shown(given)} is no name of an object of the project; use lower-case letters, digits, - and _.`,
      );
    }
    if (isExternal) refuseBesideExternal(at);
    return [{ name, at, ...(isExternal && { external: { name: given ?? name } }) }];
  });

const refuseBesideExternal = (at: Spot): void => {
  for (const [key, value] of entriesOf(at)) {
    if (key === 'name' || key === 'external' || key.startsWith('x-')) continue;
    wrong(
      value,
      `${key} does not go with external: true, as the object is there already; remove one of them.`,
    );
  }
};

/** The networks of the stack as declared; `default` is added by whoever finds it used. */
export const readNetworkObjects = (root: Spot): ComposeNetwork[] =>
  namedOf(root, 'networks').map(({ name, at, external }) => {
    const driverAt = member(at, 'driver');
    if (driverAt && !['bridge', 'overlay'].includes(asText(driverAt) ?? '')) {
      wrong(driverAt, 'Networks of stacks are bridges that reach across hosts; remove driver.');
    }
    const subnet = readSubnet(member(at, 'ipam'));
    return {
      name,
      internal: asBoolean(member(at, 'internal')) ?? false,
      ...present({ subnet, external }),
    };
  });

const readSubnet = (ipam: Spot | undefined): string | undefined => {
  const driver = member(ipam, 'driver');
  if (driver && asText(driver) !== 'default')
    wrong(driver, 'Addresses come from the placement plan; remove driver.');
  const [first, second] = itemsOf(member(ipam, 'config'));
  if (second) wrong(second, 'A network has one subnet; remove this one.');
  const at = member(first, 'subnet');
  const subnet = asText(at);
  if (at === undefined || subnet === undefined || z.cidrv4().safeParse(subnet).success) return subnet;
  wrong(at, `“${shown(subnet)}” is no IPv4 subnet; write it like 10.200.0.0/20.`);
  return undefined;
};

/** The volumes of the stack. What would mount the host or another machine through a volume is refused. */
export const readVolumeObjects = (root: Spot): ComposeVolume[] =>
  namedOf(root, 'volumes').map(({ name, at, external }) => {
    const driverAt = member(at, 'driver');
    const driver = asText(driverAt);
    if (driverAt && driver !== 'local') {
      wrong(
        driverAt,
        'Drivers of volumes may reach the host and are not supported; use local, or a bind mount of a path where the hosts have the share.',
      );
    }
    for (const [option, optionAt] of entriesOf(member(at, 'driver_opts'))) {
      if (option === 'size') continue;
      wrong(
        optionAt,
        `The option ${shown(option)} reaches the host and is not supported; use a bind mount or tmpfs in the service, where its permission is asked.`,
      );
    }
    return {
      name,
      driverOpts: recordOf(member(at, 'driver_opts')),
      ...present({ driver, external }),
    };
  });

/** Configs or secrets with their content from the file, the bundle or the given values. */
export const readFileObjects = (root: Spot, key: 'configs' | 'secrets', world: World): ComposeFileObject[] =>
  namedOf(root, key).map(({ name, at, external }) => ({
    name,
    ...(external ? { external } : readContent(at, key, world)),
  }));

type Content = Pick<ComposeFileObject, 'content' | 'file'>;

const readContent = (at: Spot, key: 'configs' | 'secrets', world: World): Content => {
  const source = sourceOf(at, key);
  const read = source && readSource(source, key, world);
  if (!source || read?.content === undefined) return {};
  const bytes = Buffer.byteLength(read.content);
  if (bytes <= MOST_FILE_BYTES) return read;
  wrong(
    source,
    `The content has ${bytes} bytes, and at most ${MOST_FILE_BYTES} are kept; mount larger data as a volume.`,
  );
  return {};
};

const sourceOf = (at: Spot, key: 'configs' | 'secrets'): Spot | undefined => {
  const given = ['file', 'environment', ...(key === 'configs' ? ['content'] : [])].flatMap(
    (k) => member(at, k) ?? [],
  );
  const [source, second] = given;
  if (!source || second) {
    const choice =
      key === 'configs' ? 'file, content, environment or external' : 'file, environment or external';
    wrong(second ?? at, `It needs exactly one of ${choice}; ${source ? 'remove the others' : 'add one'}.`);
    return undefined;
  }
  return source;
};

const readSource = (source: Spot, key: 'configs' | 'secrets', world: World): Content => {
  const text = asText(source) ?? '';
  if (source.path.endsWith('.content')) return { content: text };
  if (source.path.endsWith('.environment')) return present({ content: fromValues(text, source, world) });
  const find = key === 'secrets' ? findForSecret : findFile;
  const found = find(world.bundle, text, source.tree.place);
  if ('problem' in found) {
    wrong(source, found.problem);
    return {};
  }
  world.room.left -= found.content.length;
  if (world.room.left >= 0) return { content: found.content, file: found.path };
  wrong(source, TOO_MUCH);
  return {};
};

const fromValues = (variable: string, at: Spot, world: World): string | undefined => {
  noteUse(world.variables, { name: variable, required: true, used: at.tree.place.line });
  const value = world.lookup(variable);
  if (value === undefined) wrong(at, `The variable ${shown(variable)} has no value; give it one.`);
  return value;
};

/** What is declared and used by no service: worth a hint, as it is made all the same. */
export const hintAtUnused = (root: Spot, key: string, used: ReadonlySet<string>): void => {
  for (const [name, at] of entriesOf(member(root, key))) {
    if (!used.has(name)) warn(at, `No service uses ${shown(name)} of ${key}; remove it, or use it.`);
  }
};
