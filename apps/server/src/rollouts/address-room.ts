import type { PlacementDecision } from '@portreeve/planning';
import type { Joining, NetworkRoom } from '../networks/addresses.store.ts';
import type { RevisionData } from '../stacks/revision-cache.ts';
import type { Prepared } from './prepare.ts';

type Comer = { id: string; revision: Pick<RevisionData, 'spec' | 'filePins'> };

/** The networks that a task joins on its node. */
export const joiningOf = (candidate: Comer, nodeId: string): Joining[] => {
  const { spec, filePins } = candidate.revision;
  if (spec.networkMode !== 'stack' || spec.networks.length === 0) return [];
  const networks = spec.networks.flatMap(({ name, aliases }) => {
    const pin = filePins.find(({ kind, source }) => kind === 'network' && source === name);
    return pin ? [{ networkId: pin.objectId, aliases }] : [];
  });
  return [{ taskId: candidate.id, nodeId, networks }];
};

const fullInWords = ({ name, subnet }: NetworkRoom): string =>
  `the network ${name} (${subnet}) has no free address left: name another in the file, with a larger subnet or with none`;

/**
 * What a task and a host that is new to the network take of the room there is; the sentence where it is not enough.
 * `isReturned`: by then the task it replaces has given its address in that network back.
 */
export const take = (
  rooms: ReadonlyMap<string, NetworkRoom>,
  { nodeId, networks }: Joining,
  isReturned: (networkId: string) => boolean = () => false,
): string | undefined => {
  const asked = networks.flatMap(({ networkId }) => {
    const room = rooms.get(networkId);
    if (!room) return [];
    return [{ room, needs: (room.nodeIds.has(nodeId) ? 0 : 1) + (isReturned(networkId) ? 0 : 1) }];
  });
  const full = asked.find(({ room, needs }) => room.free < needs);
  if (full) return fullInWords(full.room);
  for (const { room, needs } of asked) {
    room.free -= needs;
    room.nodeIds.add(nodeId);
  }
  return undefined;
};

/** Tasks for which a network has no address left get no place, and wait with the reason; the others go their way. */
export const withAddresses = (prepared: Prepared, rooms: ReadonlyMap<string, NetworkRoom>): Prepared => {
  const decisions = new Map<string, PlacementDecision>(prepared.placed.decisions);
  for (const candidate of prepared.candidates) {
    const decision = decisions.get(candidate.id);
    if (decision?.kind !== 'placed') continue;
    const [full] = joiningOf(candidate, decision.nodeId).flatMap((joining) => take(rooms, joining) ?? []);
    if (full === undefined) continue;
    const { taskId, filters } = decision;
    decisions.set(candidate.id, { kind: 'unplaceable', taskId, filters, sentence: full });
  }
  return { ...prepared, placed: { ...prepared.placed, decisions } };
};
