import type { AssignedNetwork } from '@portreeve/agent-protocol';

/** MACs as the server's plan has them. */
export const macOf = (address: string): string =>
  ['02', '42', ...address.split('.').map((octet) => Number(octet).toString(16).padStart(2, '0'))].join(':');

const ADDRESSES: Readonly<Record<string, string>> = { own: '10.0.0.1', other: '10.0.0.2', third: '10.0.0.3' };

/** The host whose document it is: node "own". */
export const host = { nodeId: 'own', hostAddress: '10.0.0.1', vxlanPort: 4790 };

type Member = AssignedNetwork['members'][number];

export const member = (nodeId: string, address: string, names: string[] = ['web', 'web.shop']): Member => ({
  taskId: `task-${address}`,
  nodeId,
  hostAddress: ADDRESSES[nodeId] ?? '',
  address,
  mac: macOf(address),
  names,
});

export const peer = (nodeId: string, gateway: string): AssignedNetwork['peers'][number] => ({
  nodeId,
  hostAddress: ADDRESSES[nodeId] ?? '',
  gateway,
  gatewayMac: macOf(gateway),
});

/** A network as a document has it; what a test does not say has the plainest value. */
export const network = (wish: Partial<AssignedNetwork>): AssignedNetwork => ({
  networkId: 'front',
  name: 'front',
  stack: 'shop',
  vni: 4096,
  subnet: '10.200.0.0/22',
  gateway: '10.200.0.1',
  gatewayMac: macOf('10.200.0.1'),
  internal: false,
  mtu: 1450,
  crossHost: true,
  peers: [],
  members: [],
  ...wish,
});
