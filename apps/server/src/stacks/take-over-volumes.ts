import type { HostContainer } from '@portreeve/agent-protocol';
import { DomainError, disguiseOf } from '@portreeve/domain';
import type { z } from 'zod';
import { volumePins } from '../rollouts/prepare.ts';
import type { RevisionData } from './revision-cache.ts';

export type Container = z.output<typeof HostContainer>;
export type HostVolume = Container['volumes'][number];
/** A volume of the host that becomes the one of the stack that the file calls `source`. */
export type Adoption = { objectId: string; source: string; volume: HostVolume };
/** Names of volumes that somebody else has: containers that stay as they are, or other stacks. */
export type TakenVolumes = {
  composeProject: string;
  byContainers: ReadonlySet<string>;
  byStacks: ReadonlySet<string>;
};

const notAdopted = (name: string, why: string, hint: string): DomainError =>
  new DomainError('plan.refused', `The volume ${name} of the host is not taken over: ${why}.`, { hint });

/** What the containers of a service have where its revision mounts a volume of the stack. */
export const adoptionsOf = (revision: RevisionData, containers: readonly Container[]): Adoption[] =>
  volumePins(revision).flatMap(({ source, objectId }) => {
    const target = revision.spec.mounts.find((m) => m.kind === 'volume' && m.source === source)?.target;
    const volume = containers.flatMap(({ volumes }) => volumes).find((one) => one.target === target);
    return volume ? [{ objectId, source, volume }] : [];
  });

/** Only what is this Compose project's own, and plain or a folder whose right can be asked for, becomes a stack's. */
export const requireAdoptable = (
  { source, volume }: Adoption,
  { composeProject, byContainers, byStacks }: TakenVolumes,
): void => {
  const { name, driver, driverOptions = {} } = volume;
  const leave = `Take ${source} out of the file, or let it name a volume of its own under another path.`;
  if (byStacks.has(name) || name.startsWith('pr-')) throw notAdopted(name, "it is another stack's", leave);
  if (volume.composeProject !== undefined && volume.composeProject !== composeProject)
    throw notAdopted(name, `it belongs to the Compose project ${volume.composeProject}`, leave);
  if (byContainers.has(name))
    throw notAdopted(
      name,
      `a container that is not of ${composeProject} uses it too`,
      'Stop that container first.',
    );
  if (driver === undefined)
    throw notAdopted(
      name,
      'its host did not say what kind of volume it is',
      'Upgrade the agent of the node.',
    );
  const is = disguiseOf(driver, driverOptions);
  if (is?.kind === 'other')
    throw notAdopted(name, `it is ${is.what}`, 'Copy what is in it to a plain volume.');
};

/** One volume for each name of the stack; two containers of it may not have different ones. */
export const oneVolumeEach = (adoptions: readonly Adoption[]): Adoption[] => {
  const chosen = new Map<string, Adoption>();
  for (const adoption of adoptions) {
    const before = chosen.get(adoption.objectId);
    if (before && before.volume.name !== adoption.volume.name)
      throw notAdopted(
        adoption.volume.name,
        `another container has ${before.volume.name} in the place of ${adoption.source}`,
        'Give them names of their own in the file.',
      );
    chosen.set(adoption.objectId, adoption);
  }
  return [...chosen.values()];
};
