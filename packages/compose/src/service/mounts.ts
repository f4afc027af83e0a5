import { type MountSpec, normalPath } from '@portreeve/domain';
import { parseBytes } from '../quantities.ts';
import { itemsOf, member, memberAt, type Spot, wrong } from '../tree.ts';
import { asBoolean, asBytes, asMode, asOneOf, asText, present, shown, textSpots } from '../values.ts';
import type { World } from './world.ts';

export type PlacedMount = { mount: MountSpec; at: Spot };

const PROPAGATIONS = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'] as const;

/** Volumes, bind mounts and tmpfs of a service. Paths of the host are normalised, so that rules see what is meant. */
export const readMounts = (service: Spot, world: World): PlacedMount[] => [
  ...itemsOf(member(service, 'volumes')).flatMap((at) =>
    at.tree.kind === 'map' ? readLong(at, world) : readShort(at, world),
  ),
  ...textSpots(member(service, 'tmpfs')).flatMap(({ text, at }) => readTmpfs(text, at)),
];

const targetPath = (text: string | undefined, at: Spot): string | undefined => {
  if (text?.startsWith('/') && !text.includes('\0') && normalPath(text) !== '/') return normalPath(text);
  wrong(
    at,
    `“${shown(text ?? '')}” is no place to mount on; write an absolute path below / in the container.`,
  );
  return undefined;
};

const isPath = (source: string): boolean => /^[./~\\]/.test(source);

const bindSource = (source: string, at: Spot): string | undefined => {
  if (source.startsWith('/') && !source.includes('\0')) return normalPath(source);
  wrong(
    at,
    `“${shown(source)}” is relative, and hosts have no such folder; use an absolute path, a volume or a config.`,
  );
  return undefined;
};

const volumeSource = (source: string | undefined, at: Spot, world: World): string | undefined => {
  if (source !== undefined && !world.volumes.has(source)) {
    wrong(at, `There is no volume ${shown(source)}; add it under the top-level key volumes.`);
  }
  return source;
};

const placedVolume = (
  at: Spot,
  mount: { target: string; readOnly: boolean; noCopy: boolean },
  source: string | undefined,
): PlacedMount => ({ at, mount: { kind: 'volume', ...mount, ...present({ source }) } });

const readShort = (at: Spot, world: World): PlacedMount[] => {
  const text = asText(at) ?? '';
  const parts = text.split(':');
  const [source, second, options] = parts.length === 1 ? [undefined, parts[0], undefined] : parts;
  const target = targetPath(second, at);
  if (parts.length > 3 || source === '') {
    wrong(at, `“${shown(text)}” is no mount; write it like data:/var/lib/data:ro.`);
    return [];
  }
  const flags = readFlags(options, source !== undefined && isPath(source), at);
  if (target === undefined) return [];
  if (source === undefined || !isPath(source)) {
    const { readOnly, noCopy } = flags;
    return [placedVolume(at, { target, readOnly, noCopy }, volumeSource(source, at, world))];
  }
  const host = bindSource(source, at);
  if (host === undefined) return [];
  const { readOnly, propagation } = flags;
  return [
    {
      at,
      mount: {
        kind: 'bind',
        source: host,
        target,
        readOnly,
        createHostPath: true,
        ...present({ propagation }),
      },
    },
  ];
};

type Flags = { readOnly: boolean; noCopy: boolean; propagation?: (typeof PROPAGATIONS)[number] };

const readFlags = (options: string | undefined, isBind: boolean, at: Spot): Flags => {
  const flags: Flags = { readOnly: false, noCopy: false };
  for (const option of options?.split(',') ?? []) {
    const propagation = PROPAGATIONS.find((p) => p === option);
    if (option === 'ro' || option === 'rw') flags.readOnly = option === 'ro';
    else if (option === 'nocopy' && !isBind) flags.noCopy = true;
    else if (propagation && isBind) flags.propagation = propagation;
    else
      wrong(
        at,
        `The mount option “${shown(option)}” is not supported here; use ro, rw${isBind ? ' or a propagation' : ' or nocopy'}.`,
      );
  }
  return flags;
};

const readLong = (at: Spot, world: World): PlacedMount[] => {
  const type = asOneOf(member(at, 'type'), ['volume', 'bind', 'tmpfs'] as const);
  const targetAt = member(at, 'target');
  const target = targetAt && targetPath(asText(targetAt), targetAt);
  const sourceAt = member(at, 'source');
  const source = asText(sourceAt);
  const readOnly = asBoolean(member(at, 'read_only')) ?? false;
  for (const other of ['volume', 'bind', 'tmpfs']) {
    const settings = member(at, other);
    if (settings && type && other !== type)
      wrong(settings, `${other} does not go with type: ${type}; remove one of them.`);
  }
  if (!type || target === undefined) return [];
  if (type === 'tmpfs') return longTmpfs(at, target);
  if (type === 'volume') {
    const noCopy = asBoolean(memberAt(at, 'volume', 'nocopy')) ?? false;
    return [placedVolume(at, { target, readOnly, noCopy }, volumeSource(source, sourceAt ?? at, world))];
  }
  const host = bindSource(source ?? '', sourceAt ?? at);
  if (host === undefined) return [];
  const propagation = asOneOf(memberAt(at, 'bind', 'propagation'), PROPAGATIONS);
  const createHostPath = asBoolean(memberAt(at, 'bind', 'create_host_path')) ?? true;
  return [
    {
      at,
      mount: { kind: 'bind', source: host, target, readOnly, createHostPath, ...present({ propagation }) },
    },
  ];
};

const longTmpfs = (at: Spot, target: string): PlacedMount[] => {
  const source = member(at, 'source');
  if (source) wrong(source, 'A tmpfs has no source; remove it.');
  const readOnlyAt = member(at, 'read_only');
  if (asBoolean(readOnlyAt) && readOnlyAt)
    wrong(readOnlyAt, 'A tmpfs that nobody may write to stays empty; remove read_only.');
  const sizeBytes = asBytes(memberAt(at, 'tmpfs', 'size'));
  const mode = asMode(memberAt(at, 'tmpfs', 'mode'));
  return [{ at, mount: { kind: 'tmpfs', target, ...present({ sizeBytes, mode }) } }];
};

/** The engine mounts every tmpfs with these, so that naming them changes nothing. */
const TMPFS_ALWAYS = new Set(['rw', 'noexec', 'nosuid', 'nodev']);

const readTmpfs = (text: string, at: Spot): PlacedMount[] => {
  const [path, options, ...rest] = text.split(':');
  const target = targetPath(path, at);
  const sizes: { sizeBytes?: number; mode?: number } = {};
  for (const option of rest.length > 0 ? [rest.join(':')] : (options?.split(',') ?? [])) {
    const [, size] = /^size=(.+)$/.exec(option) ?? [];
    const [, mode] = /^mode=0?([0-7]{1,4})$/.exec(option) ?? [];
    const bytes = size === undefined ? undefined : parseBytes(size);
    if (bytes) sizes.sizeBytes = bytes;
    else if (mode !== undefined) sizes.mode = Number.parseInt(mode, 8);
    else if (!TMPFS_ALWAYS.has(option)) {
      wrong(at, `The tmpfs option “${shown(option)}” is not supported; use size=64m or mode=1777.`);
    }
  }
  return target === undefined ? [] : [{ at, mount: { kind: 'tmpfs', target, ...sizes } }];
};
