import { addressesOfServices, type NetworkRoom, roomOnNetworks } from '../networks/addresses.store.ts';
import { hostsOf, NETWORK_PREFIX, parseRange } from '../networks/subnets.ts';
import type { Tx } from '../platform/db/database.ts';
import { joiningOf, take } from '../rollouts/address-room.ts';
import type { BoundObject } from './bind-objects.ts';
import type { Placeable } from './forecast-wishes.ts';

/** The room on the networks of a plan, and how many addresses each service has in them by now. */
export type Rooms = {
  rooms: ReadonlyMap<string, NetworkRoom>;
  held(networkId: string, serviceId: string | undefined): number;
};

/** A network that the plan makes: what its subnet has room for, or one cut from the pool. */
const roomToBe = ({ source, subnet }: BoundObject): NetworkRoom => {
  const range = subnet === undefined ? { base: 0, prefix: NETWORK_PREFIX } : parseRange(subnet);
  return { name: source, subnet: subnet ?? `/${NETWORK_PREFIX}`, free: hostsOf(range), nodeIds: new Set() };
};

export const loadRooms = async (
  db: Tx,
  actions: readonly Placeable[],
  objects: readonly BoundObject[],
): Promise<Rooms> => {
  const pins = actions.flatMap(({ compiled }) => compiled?.filePins ?? []);
  const ids = [...new Set(pins.filter(({ kind }) => kind === 'network').map(({ objectId }) => objectId))];
  const made = objects.filter(({ kind, make }) => kind === 'network' && make === 'new');
  const there = await roomOnNetworks(db, ids);
  const held = await addressesOfServices(db, [...there.keys()]);
  return {
    rooms: new Map([...there, ...made.map((object) => [object.objectId, roomToBe(object)] as const)]),
    held: (networkId, serviceId) => held.get(`${networkId} ${serviceId}`) ?? 0,
  };
};

/**
 * Gives one new task of a service after the other its addresses; answers the sentence where there is none left. The
 * first batch of a rollout needs its own beside those of the old tasks, also where these stop first: it pulls by then.
 */
export const roomFor = ({ rooms, held }: Rooms, { name, action, compiled, present }: Placeable) => {
  const { parallelism } = compiled?.spec.update ?? { parallelism: 0 };
  const beside = action === 'replace' && parallelism > 0 ? parallelism : Number.POSITIVE_INFINITY;
  return (index: number, nodeId: string): string | undefined => {
    if (!compiled) return undefined;
    const [joining] = joiningOf({ id: `${name} ${index}`, revision: compiled }, nodeId);
    const isReturned = (networkId: string) =>
      index >= beside && index - beside < held(networkId, present?.id);
    return joining && take(rooms, joining, isReturned);
  };
};
