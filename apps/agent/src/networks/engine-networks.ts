import type { AssignedNetwork } from '@portreeve/agent-protocol';
import type { NetworkInspectInfo } from 'dockerode';
import { type CallRecorder, engineMessage, statusOf, timed } from '../engine/call.ts';
import type { Engine } from '../engine/engine.ts';
import { LABEL } from '../engine/seen.ts';
import { bridgeName } from './plan.ts';

const NETWORK_LABEL = 'io.portreeve.network';
const BRIDGE_NAME = 'com.docker.network.bridge.name';
const MTU = 'com.docker.network.driver.mtu';

export type EngineNetworksOptions = {
  engine(): Engine;
  record: CallRecorder;
  node: { clusterId: string; nodeId: string };
};

export const engineNetworkName = (networkId: string): string => `pr-${networkId}`;

const fits = (present: NetworkInspectInfo, network: AssignedNetwork): boolean => {
  const [config] = present.IPAM?.Config ?? [];
  return (
    config?.Subnet === network.subnet &&
    config?.Gateway === network.gateway &&
    (present.Internal ?? false) === network.internal &&
    present.Options?.[BRIDGE_NAME] === bridgeName(network.vni)
  );
};

/** The engine's side of the networks: one bridge network each, whose bridge has a name that can be computed. */
export const engineNetworks = (options: EngineNetworksOptions) => {
  const { record, node } = options;

  const ours = async (): Promise<Map<string, NetworkInspectInfo>> => {
    const found = await timed(record, { what: 'list networks', quiet: true }, () =>
      options.engine().docker.listNetworks({ filters: { label: [`${LABEL.node}=${node.nodeId}`] } }),
    );
    return new Map(
      found.flatMap((one) => (one.Labels?.[NETWORK_LABEL] ? [[one.Labels[NETWORK_LABEL], one]] : [])),
    );
  };

  const remove = (present: NetworkInspectInfo): Promise<void> =>
    timed(record, { what: `remove network ${present.Name}` }, () =>
      options.engine().docker.getNetwork(present.Id).remove(),
    ).catch((error) => {
      if (statusOf(error) !== 404) throw error;
    });

  const create = async (network: AssignedNetwork): Promise<void> => {
    const { docker } = options.engine();
    await timed(record, { what: `create network ${network.name} of ${network.stack}` }, (abortSignal) =>
      docker.createNetwork({
        Name: engineNetworkName(network.networkId),
        Driver: 'bridge',
        Internal: network.internal,
        IPAM: { Driver: 'default', Config: [{ Subnet: network.subnet, Gateway: network.gateway }] },
        Options: { [BRIDGE_NAME]: bridgeName(network.vni), [MTU]: String(network.mtu) },
        Labels: {
          [NETWORK_LABEL]: network.networkId,
          [LABEL.cluster]: node.clusterId,
          [LABEL.node]: node.nodeId,
        },
        abortSignal,
      } as Parameters<typeof docker.createNetwork>[0]),
    );
  };

  return {
    /** Bridges of networks of ours that are here and not wanted. */
    strays: async (wanted: ReadonlySet<string>): Promise<string[]> =>
      [...(await ours())].flatMap(([networkId, present]) =>
        wanted.has(networkId) ? [] : (present.Options?.[BRIDGE_NAME] ?? []),
      ),
    /** Makes what is missing, makes anew what differs; answers with what could not be made, and why. */
    ensure: async (networks: readonly AssignedNetwork[]): Promise<Map<string, string>> => {
      const present = await ours();
      const failed = new Map<string, string>();
      await Promise.all(
        networks.map(async (network) => {
          const one = present.get(network.networkId);
          if (one && fits(one, network)) return;
          try {
            if (one) await remove(one);
            await create(network);
          } catch (error) {
            failed.set(network.networkId, engineMessage(error));
          }
        }),
      );
      return failed;
    },
    /** Removes those not in use any more; one that containers still hold stays until the next time. */
    collect: async (inUse: ReadonlySet<string>): Promise<void> => {
      for (const [networkId, present] of await ours())
        if (!inUse.has(networkId)) await remove(present).catch(() => undefined);
    },
  };
};
