import ipaddr from 'ipaddr.js';
import type { NamesTable } from './table.ts';

type Network = NamesTable['networks'][number];

/** Someone who may ask: a container of this host, or this host itself. */
type Asker = {
  /** Networks whose names it is told, its first one first. */
  networks: Network[];
  servers: string[];
  /** False: other names are asked of nobody, since the asker is on internal networks only. */
  mayAskOutside: boolean;
};

/** What is known of a name: nothing at all, or the addresses of its ready tasks (perhaps none). */
type Found = { known: boolean; addresses: string[] };

export type Directory = {
  /** Who asks from that address on that network; undefined: nobody we know. */
  asker(networkId: string, source: string): Asker | undefined;
  /** Addresses by name (lower case) in the first of the asker's networks that has the name. */
  addressesOf(asker: Asker, name: string): Found;
  /** A name for an address; `known: false` when the address is in none of the asker's networks. */
  nameOf(asker: Asker, address: string): { known: boolean; name: string | undefined };
};

const key = (networkId: string, address: string): string => `${networkId} ${address}`;

const namesOf = (network: Network): Map<string, Network['members']> => {
  const names = new Map<string, Network['members']>();
  for (const member of network.members)
    for (const name of member.names) names.set(name, [...(names.get(name) ?? []), member]);
  return names;
};

/** A table, ready to be asked. */
export const openDirectory = (table: NamesTable): Directory => {
  const networks = new Map(table.networks.map((network) => [network.networkId, network]));
  const names = new Map(table.networks.map((network) => [network.networkId, namesOf(network)]));
  const askers = new Map<string, Asker>();
  for (const network of table.networks)
    askers.set(key(network.networkId, network.gateway), {
      networks: [network],
      servers: [],
      mayAskOutside: false,
    });
  for (const task of table.askers) {
    const own = task.ends.flatMap(({ networkId }) => networks.get(networkId) ?? []);
    const asker: Asker = {
      networks: own,
      servers: task.servers,
      mayAskOutside: own.some(({ internal }) => !internal),
    };
    for (const end of task.ends) askers.set(key(end.networkId, end.address), asker);
  }
  return {
    asker: (networkId, source) => askers.get(key(networkId, source)),
    addressesOf: (asker, name) => {
      for (const network of asker.networks) {
        const members = names.get(network.networkId)?.get(name);
        if (!members) continue;
        return { known: true, addresses: members.filter(({ ready }) => ready).map((one) => one.address) };
      }
      return { known: false, addresses: [] };
    },
    nameOf: (asker, address) => {
      const wanted = ipaddr.IPv4.parse(address);
      const network = asker.networks.find((one) => wanted.match(ipaddr.IPv4.parseCIDR(one.subnet)));
      const member = network?.members.find((one) => one.address === address);
      return {
        known: network !== undefined,
        name: member?.names.find((name) => name.includes('.')) ?? member?.names[0],
      };
    },
  };
};
