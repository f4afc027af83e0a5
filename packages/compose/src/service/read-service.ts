import { isFixedPort, Name, ServiceSpec } from '@portreeve/domain';
import type { ComposeService } from '../application.ts';
import { isLacking, member, memberAt, type Spot, warn, wrong } from '../tree.ts';
import { asText, present, shown, textsOf } from '../values.ts';
import { type PlacedDependency, readDependencies } from './dependencies.ts';
import { readDeploy, readReplicas } from './deploy.ts';
import { readEnvironment } from './environment.ts';
import { readGrants } from './grants.ts';
import { readIsolation } from './isolation.ts';
import { readMounts } from './mounts.ts';
import { readNames } from './names.ts';
import { readNetworks } from './networks.ts';
import { readPorts } from './ports.ts';
import { readProcess } from './process.ts';
import type { SpecPart, World } from './world.ts';

export type ReadService = ComposeService & {
  dependencies: PlacedDependency[];
  /** Where the file says when the service is restarted; absent where it does not. */
  restartAt?: Spot;
};

/** One service of the file; undefined where it cannot be made, which was reported. */
export const readService = (name: string, spot: Spot, world: World): ReadService | undefined => {
  if (!Name.safeParse(name).success || name.includes('.')) {
    wrong(
      spot,
      `${shown(name)} is no name for a service; use lower-case letters, digits, - and _, at most 63.`,
    );
    return undefined;
  }
  const imageAt = member(spot, 'image');
  const image = asText(imageAt);
  if (!image) {
    if (isLacking(imageAt?.tree)) return undefined;
    wrong(spot, `The service ${name} has no image; build one, push it to a registry and name it in image.`);
    return undefined;
  }
  if (/\s/.test(image)) wrong(spot, `“${shown(image)}” is no image; write it like web:1.2, without spaces.`);
  const dependencies = readDependencies(spot);
  const replicas = readReplicas(spot);
  const part: SpecPart = {
    ...readProcess(spot),
    ...readIsolation(spot),
    ...readNames(spot),
    ...readDeploy(spot),
    ...readNetworks(spot, world),
    ...readFiles(spot, world),
    environment: readEnvironment(spot, world),
    ports: readPorts(spot),
    dependsOn: dependencies.map(({ dependency }) => dependency),
  };
  const spec = ServiceSpec.safeParse({ ...part, image });
  if (!spec.success) {
    for (const issue of spec.error.issues) {
      wrong(
        spot,
        `The service ${name} is not possible (${issue.path.join('.')}: ${issue.message}); correct it.`,
      );
    }
    return undefined;
  }
  hintAtFixedPorts(name, spec.data, replicas, spot);
  refuseTwoOnOnePort(spec.data, spot);
  return {
    name,
    spec: spec.data,
    profiles: textsOf(spot, 'profiles'),
    dependencies,
    ...present({
      replicas,
      restartAt: member(spot, 'restart') ?? memberAt(spot, 'deploy', 'restart_policy', 'condition'),
    }),
  };
};

const readFiles = (spot: Spot, world: World): SpecPart => {
  const mounts = readMounts(spot, world);
  const configs = readGrants(spot, 'configs', world.configs);
  const secrets = readGrants(spot, 'secrets', world.secrets);
  const targets = new Map<string, string>();
  for (const { target, at } of [
    ...mounts.map(({ mount, at }) => ({ target: mount.target, at })),
    ...[...configs, ...secrets].map(({ grant, at }) => ({ target: grant.target, at })),
  ]) {
    const first = targets.get(target);
    if (first) wrong(at, `${target} is mounted on twice, also at ${first}; keep one of them.`);
    else targets.set(target, at.path);
  }
  return {
    mounts: mounts.map(({ mount }) => mount),
    configs: configs.map(({ grant }) => grant),
    secrets: secrets.map(({ grant }) => grant),
  };
};

const fixedPortOf = (spec: ServiceSpec) => spec.ports.find(isFixedPort);

/** A task of one very host can have no other beside it that publishes the same port there. */
const refuseTwoOnOnePort = (spec: ServiceSpec, spot: Spot): void => {
  const fixed = fixedPortOf(spec);
  const hasVolume = spec.mounts.some((mount) => mount.kind === 'volume' && mount.source !== undefined);
  if (!fixed || (spec.mode !== 'global' && !hasVolume)) return;
  for (const key of ['update_config', 'rollback_config'] as const) {
    const at = memberAt(spot, 'deploy', key, 'order');
    if (!at || asText(at) !== 'start-first') continue;
    const why = spec.mode === 'global' ? 'a global service has each task' : 'its volume keeps the task';
    wrong(
      at,
      `With start-first the new task needs port ${fixed.published} while the old one still has it, and ${why} on one host; write stop-first or publish a range.`,
    );
  }
};

const hintAtFixedPorts = (
  name: string,
  spec: ServiceSpec,
  replicas: number | undefined,
  spot: Spot,
): void => {
  const fixed = fixedPortOf(spec);
  if (!fixed?.published || replicas === undefined || replicas < 2) return;
  const range = `${fixed.published}-${fixed.published + replicas - 1}:${fixed.target}`;
  warn(
    member(spot, 'ports') ?? spot,
    `Port ${fixed.published} is free once per host, so the ${replicas} tasks of ${name} need ${replicas} hosts; publish a range such as ${range} to let several share one.`,
  );
};
