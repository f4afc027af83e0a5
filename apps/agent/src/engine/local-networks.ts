import type { AssignedNetwork } from '@portreeve/agent-protocol';
import { type CallRecorder, statusOf, timed } from './call.ts';
import type { Engine } from './engine.ts';
import type { HostNetworks } from './network-port.ts';
import { LABEL } from './seen.ts';

const NETWORK_LABEL = 'io.portreeve.network';

export type LocalNetworksOptions = {
  engine(): Engine;
  record: CallRecorder;
  node: { clusterId: string; nodeId: string };
};

const engineName = (networkId: string): string => `pr-${networkId}`;

/** Networks of this host alone: one engine bridge each, names by the engine's own DNS. */
export const localNetworks = (options: LocalNetworksOptions): HostNetworks => {
  const { record } = options;
  const known = new Set<string>();

  const create = async (network: AssignedNetwork): Promise<void> => {
    const { docker } = options.engine();
    const name = engineName(network.networkId);
    const present = await docker.listNetworks({ filters: { name: [name] } });
    if (present.some((one) => one.Name === name)) return;
    await timed(record, { what: `create network ${network.name}` }, (abortSignal) =>
      docker.createNetwork({
        Name: name,
        Driver: 'bridge',
        Internal: network.internal,
        IPAM: { Driver: 'default', Config: [{ Subnet: network.subnet, Gateway: network.gateway }] },
        Options: { 'com.docker.network.driver.mtu': String(network.mtu) },
        Labels: {
          [NETWORK_LABEL]: network.networkId,
          [LABEL.cluster]: options.node.clusterId,
          [LABEL.node]: options.node.nodeId,
        },
        abortSignal,
      } as Parameters<typeof docker.createNetwork>[0]),
    );
  };

  return {
    ensure: async (networks) => {
      const missing = networks.filter((network) => !known.has(network.networkId));
      await Promise.all(
        missing.map(async (network) => {
          await create(network);
          known.add(network.networkId);
        }),
      );
    },
    attachment: (task) => ({
      endpoints: task.networks.map((network) => ({
        network: engineName(network.networkId),
        config: {
          IPAMConfig: { IPv4Address: network.address },
          Aliases: [task.names.service, `${task.names.service}.${task.names.stack}`, ...network.aliases],
          MacAddress: network.mac,
        },
      })),
      dnsServers: [],
    }),
    collect: async (inUse) => {
      const { docker } = options.engine();
      const ours = await docker.listNetworks({
        filters: { label: [`${LABEL.node}=${options.node.nodeId}`] },
      });
      for (const one of ours) {
        const networkId = one.Labels?.[NETWORK_LABEL];
        if (!networkId || inUse.has(networkId)) continue;
        known.delete(networkId);
        await timed(record, { what: `remove network ${one.Name}` }, () =>
          docker.getNetwork(one.Id).remove(),
        ).catch((error) => {
          if (statusOf(error) !== 404) known.add(networkId);
        });
      }
    },
    onReadiness: () => undefined,
  };
};
