import type { PlacementDecision } from '@portreeve/planning';
import type { Joining, NetworkRoom } from '../networks/addresses.store.ts';
import type { Candidate, Prepared } from './prepare.ts';

/** The networks that a task joins on its node. */
export const joiningOf = (candidate: Candidate, nodeId: string): Joining[] => {
  const { spec, filePins } = candidate.revision;
  if (spec.networkMode !== 'stack' || spec.networks.length === 0) return [];
  const networks = spec.networks.flatMap(({ name, aliases }) => {
    const pin = filePins.find(({ kind, source }) => kind === 'network' && source === name);
    return pin ? [{ networkId: pin.objectId, aliases }] : [];
  });
  return [{ taskId: candidate.id, nodeId, networks }];
};

/** What a task and a host that is new to the network take of the room there is; the sentence where it is not enough. */
const take = (rooms: ReadonlyMap<string, NetworkRoom>, { nodeId, networks }: Joining): string | undefined => {
  const asked = networks.flatMap(({ networkId }) => rooms.get(networkId) ?? []);
  const needs = (room: NetworkRoom) => (room.nodeIds.has(nodeId) ? 1 : 2);
  const full = asked.find((room) => room.free < needs(room));
  if (full)
    return `the network ${full.name} (${full.subnet}) has no free address left: leave its subnet out, and a larger one is chosen`;
  for (const room of asked) {
    room.free -= needs(room);
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
