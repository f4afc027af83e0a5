import { isDeepStrictEqual } from 'node:util';
import type { ComposeApplication, ComposeFileObject } from '@portreeve/compose';
import type { ServiceSpec } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import type { RefusalValue } from '../admission/refusal.ts';
import { SEALED } from '../agents/sealed.ts';
import { formatRange, parseRange } from '../networks/subnets.ts';
import type { Tx } from '../platform/db/database.ts';
import type { ClusterKeys } from '../platform/keys/cluster-key.ts';
import type { ProjectRow } from '../projects/projects.store.ts';
import { findFile, findStackObject } from './bind-objects.store.ts';
import type { FilePin } from './rows.ts';
import type { PresentStack } from './state.store.ts';

type Kind = FilePin['kind'];
/** What a name of the file stands for. `make` is set for what this apply has to make first. */
export type BoundObject = {
  kind: Kind;
  source: string;
  objectId: string;
  version: number;
  make?: 'new' | 'version';
  /** Of a network that is made: what the file says. */
  subnet?: string;
};
export type BoundObjects = {
  bound: BoundObject[];
  contents: ReadonlyMap<string, string>;
  refusals: RefusalValue[];
};

/** An object of another project and one that is not there get the same answer: nobody learns what others have. */
const notYours = (kind: Kind, name: string, projectPath: string): RefusalValue => ({
  service: '',
  code: 'permission.missing',
  message: `There is no ${kind} ${name} that ${projectPath} may use.`,
  hint:
    kind === 'config' || kind === 'secret'
      ? `Make it under ${kind === 'config' ? 'Configs' : 'Secrets'} of the project, or leave out external.`
      : `External ${kind}s are those of other stacks of the project, written stack_${kind}; or leave out external.`,
});

export type BindInput = {
  db: Tx;
  keys: ClusterKeys;
  project: ProjectRow;
  present: PresentStack | undefined;
  application: ComposeApplication;
};

const bindFiles = async (
  { db, keys, project, present }: BindInput,
  kind: 'config' | 'secret',
  files: readonly ComposeFileObject[],
  result: { bound: BoundObject[]; contents: Map<string, string>; refusals: RefusalValue[] },
): Promise<void> => {
  for (const { name, external, content } of files) {
    if (external) {
      const found = await findFile(db, kind, project, external.name);
      if (found) result.bound.push({ kind, source: name, objectId: found.id, version: found.version });
      else result.refusals.push(notYours(kind, external.name, project.path));
      continue;
    }
    const known = present?.files.find((file) => file.kind === kind && file.name === name);
    const encoded = Buffer.from(content ?? '').toString('base64');
    if (!known) {
      const objectId = uuid();
      result.contents.set(objectId, encoded);
      result.bound.push({ kind, source: name, objectId, version: 1, make: 'new' });
      continue;
    }
    const same = keys.unseal(known.sealed, SEALED.file(known.id, known.version)) === encoded;
    if (!same) result.contents.set(known.id, encoded);
    result.bound.push({
      kind,
      source: name,
      objectId: known.id,
      version: same ? known.version : known.version + 1,
      ...(!same && { make: 'version' as const }),
    });
  }
};

const settled = (kind: 'network' | 'volume', name: string, difference: string): RefusalValue => ({
  service: '',
  code: 'conflict.state',
  message: `The ${kind} ${name} is there already, and ${difference}: that is settled when it is made.`,
  hint: `Give it another name in the file to get a new one, or remove the ${kind} first, when nothing uses it.`,
});

/** What a network or volume is made with holds for its life: a file that says otherwise is refused, not passed over. */
export const settledRefusals = (
  application: Pick<ComposeApplication, 'networks' | 'volumes'>,
  present: Pick<PresentStack, 'networks' | 'volumes'> | undefined,
): RefusalValue[] => {
  const networks = application.networks.flatMap(({ name, internal, subnet, external }) => {
    const own = external ? undefined : present?.networks.find((network) => network.name === name);
    if (!own) return [];
    return [
      ...(own.internal === internal
        ? []
        : [settled('network', name, own.internal ? 'is internal' : 'is not internal')]),
      ...(subnet === undefined || formatRange(parseRange(subnet)) === own.subnet
        ? []
        : [settled('network', name, `has the subnet ${own.subnet}`)]),
    ];
  });
  const volumes = application.volumes.flatMap(({ name, driverOpts, external }) => {
    const own = external ? undefined : present?.volumes.find((volume) => volume.name === name);
    if (!own || Object.keys(driverOpts).length === 0 || isDeepStrictEqual(own.driverOptions, driverOpts))
      return [];
    return [settled('volume', name, 'was made with other driver options')];
  });
  return [...networks, ...volumes];
};

/** Finds or plans the object behind every network, volume, config and secret that the file names. */
export const bindObjects = async (input: BindInput): Promise<BoundObjects> => {
  const { db, project, present, application } = input;
  const result = {
    bound: [] as BoundObject[],
    contents: new Map<string, string>(),
    refusals: [] as RefusalValue[],
  };
  result.refusals.push(...settledRefusals(application, present));
  for (const kind of ['network', 'volume'] as const) {
    const declared = kind === 'network' ? application.networks : application.volumes;
    const own = kind === 'network' ? present?.networks : present?.volumes;
    for (const object of declared) {
      const { name, external } = object;
      const known = external
        ? await findStackObject(db, kind, project, external.name)
        : own?.find((object) => object.name === name);
      if (known) result.bound.push({ kind, source: name, objectId: known.id, version: 0 });
      else if (external) result.refusals.push(notYours(kind, external.name, project.path));
      else {
        const subnet = 'subnet' in object && object.subnet ? { subnet: object.subnet } : {};
        result.bound.push({ kind, source: name, objectId: uuid(), version: 0, make: 'new', ...subnet });
      }
    }
  }
  await bindFiles(input, 'config', application.configs, result);
  await bindFiles(input, 'secret', application.secrets, result);
  return result;
};

/** The objects that one service uses, by id and version. */
export const pinsOf = (spec: ServiceSpec, { bound }: BoundObjects): FilePin[] => {
  const used: Record<Kind, ReadonlySet<string>> = {
    network: new Set(spec.networkMode === 'stack' ? spec.networks.map(({ name }) => name) : []),
    volume: new Set(spec.mounts.flatMap((m) => (m.kind === 'volume' && m.source ? m.source : []))),
    config: new Set(spec.configs.map(({ source }) => source)),
    secret: new Set(spec.secrets.map(({ source }) => source)),
  };
  return bound
    .filter(({ kind, source }) => used[kind].has(source))
    .map(({ kind, source, objectId, version }) => ({ kind, source, objectId, version }));
};
