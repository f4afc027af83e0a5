import { randomInt } from 'node:crypto';
import type { AssignedNetwork, DesiredDocument } from '@portreeve/agent-protocol';
import type { Engine } from '../engine/engine.ts';
import { messageOf } from '../errors.ts';
import { log } from '../log.ts';
import { hostFacts } from '../reports/host.ts';
import { steadyNow } from '../steady.ts';
import { applyFilters } from './apply-filters.ts';
import { diffKernel, ownState } from './diff.ts';
import { type EngineNetworksOptions, engineNetworks } from './engine-networks.ts';
import { type FilterInput, filterRules } from './filters.ts';
import { applyKernel, readKernel } from './kernel.ts';
import type { KernelState } from './kernel-state.ts';
import { requirePlain } from './plain.ts';
import { bridgeName, type NetworkPlan, planNetwork } from './plan.ts';
import { blockedByRoutes } from './routes.ts';

/** What somebody else changed in engine or kernel is put right after this time at the latest. */
const VERIFY_MS = 50_000;

/** What was put in place last, all of it, by this very process. */
type Done = {
  engine: Engine;
  at: number;
  bridges: string;
  what: string;
  kernel: KernelState;
  leftovers: readonly string[];
};

/** Reasons by id of the networks that could not be made. */
export type Failures = ReadonlyMap<string, string>;

const stateOf = (plans: readonly NetworkPlan[]): KernelState => ({
  bridges: new Map(plans.map(({ bridge, bridgeMac }) => [bridge, bridgeMac])),
  tunnels: new Map(
    plans.flatMap(({ tunnel }) => (tunnel ? [[tunnel.name, { ...tunnel, up: true }] as const] : [])),
  ),
});

/** Bridges of the engine, tunnels and filters of the kernel, made to be what the document says. One call at a time. */
export const joinedNetworks = (options: EngineNetworksOptions) => {
  const bridges = engineNetworks(options);
  const mark = randomInt(1, 2 ** 32);
  let done: Done | undefined;

  /** The bridges are as they were: only their ends have changed. */
  const change = async (networks: readonly AssignedNetwork[], input: FilterInput): Promise<void> => {
    const plans = networks.map((network) => planNetwork(network, input.host));
    await applyFilters(filterRules(input));
    if (done) await applyKernel(diffKernel(plans, done.kernel));
  };

  /** Looks at everything, since bridges come or go or it is long ago. */
  const renew = async (
    networks: readonly AssignedNetwork[],
    input: Omit<FilterInput, 'leftovers'>,
  ): Promise<{ failed: Failures; leftovers: readonly string[] }> => {
    const plans = networks.map((network) => planNetwork(network, input.host));
    const wanted = new Set(networks.map(({ networkId }) => networkId));
    const [strays, before] = await Promise.all([bridges.strays(wanted), readKernel()]);
    // First, so that nothing is open for a moment.
    await applyFilters(filterRules({ ...input, leftovers: strays }));
    const coming = networks.filter(({ vni }) => !before.bridges.has(bridgeName(vni)));
    const blocked =
      coming.length > 0 ? blockedByRoutes(coming, (await hostFacts()).routes) : new Map<string, string>();
    const made = await bridges.ensure(networks.filter(({ networkId }) => !blocked.has(networkId)));
    const failed = new Map([...blocked, ...made]);
    const complete = plans.every(({ bridge }) => before.bridges.has(bridge));
    const seen = complete ? before : await readKernel();
    for (const { networkId, vni } of networks)
      if (!seen.bridges.has(bridgeName(vni)) && !failed.has(networkId))
        failed.set(networkId, 'the engine does not make its bridges on this host');
    const possible = plans.filter(({ bridge }) => seen.bridges.has(bridge));
    await applyKernel(diffKernel(possible, ownState(seen, plans, strays)));
    if (strays.length > 0) await bridges.collect(wanted);
    return { failed, leftovers: strays };
  };

  const put = async (networks: readonly AssignedNetwork[], doc: DesiredDocument): Promise<Failures> => {
    const engine = options.engine();
    const host = { nodeId: doc.nodeId, hostAddress: doc.hostAddress, vxlanPort: doc.vxlanPort };
    const own = networks.map((one) => [one.networkId, one.vni, one.subnet, one.gateway, one.internal]);
    // Tasks without either are none of the filters' business: their coming asks nothing of the kernel.
    const ends = doc.tasks
      .filter((task) => task.networks.length + task.ports.length > 0)
      .map((task) => [task.networks, task.ports]);
    const next = {
      engine,
      bridges: JSON.stringify(own),
      what: JSON.stringify([networks, host, ends]),
      kernel: stateOf(networks.map((network) => planNetwork(network, host))),
    };
    const recent = done?.engine === engine && steadyNow() - done.at < VERIFY_MS;
    if (recent && done?.what === next.what) return new Map();
    requirePlain(networks, doc);
    const input = { host, networks, tasks: doc.tasks, mark };
    if (recent && done?.bridges === next.bridges) {
      const { at, leftovers } = done;
      await change(networks, { ...input, leftovers });
      done = { ...next, at, leftovers };
      return new Map();
    }
    const { failed, leftovers } = await renew(networks, input);
    done = failed.size > 0 ? undefined : { ...next, at: steadyNow(), leftovers };
    return failed;
  };

  return {
    /** What cannot be done is said of each network, so that it ends no other task's start. */
    put: (networks: readonly AssignedNetwork[], doc: DesiredDocument): Promise<Failures> =>
      put(networks, doc).catch((error) => {
        done = undefined;
        log.error({ error: messageOf(error) }, 'the networks of this host could not be put right');
        return new Map(networks.map(({ networkId }) => [networkId, messageOf(error)]));
      }),
    collect: bridges.collect,
  };
};
