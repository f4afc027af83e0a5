import { isIPv4 } from 'node:net';
import type { AssignedNetwork, DesiredDocument } from '@portreeve/agent-protocol';
import ipaddr from 'ipaddr.js';

const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;

const address = (text: string): void => {
  if (!isIPv4(text)) throw new Error(`"${text}" is no IPv4 address`);
};
const mac = (text: string): void => {
  if (!MAC.test(text)) throw new Error(`"${text}" is no MAC address`);
};

/**
 * Throws unless every address is one and every MAC is one: they become words of commands and rules, which must not
 * say more than a network can.
 */
export const requirePlain = (networks: readonly AssignedNetwork[], doc: DesiredDocument): void => {
  for (const network of networks) {
    if (!ipaddr.IPv4.isValidCIDR(network.subnet)) throw new Error(`"${network.subnet}" is no IPv4 subnet`);
    for (const end of [...network.members, ...doc.tasks.flatMap((task) => task.networks)]) {
      address(end.address);
      mac(end.mac);
    }
    for (const host of [network, ...network.peers]) {
      address(host.gateway);
      mac(host.gatewayMac);
    }
  }
};
