import { join } from 'node:path';
import type { AssignedNetwork, DesiredDocument } from '@portreeve/agent-protocol';
import type { Engine } from '../engine/engine.ts';
import { localNetworks } from '../engine/local-networks.ts';
import type { Attachment, HostNetworks } from '../engine/network-port.ts';
import { messageOf } from '../errors.ts';
import { log } from '../log.ts';
import { keepNames } from '../names/keep-names.ts';
import { namesWriter } from '../names/names-writer.ts';
import { namesFolder } from '../names/table-file.ts';
import { crossHostAbility } from './ability.ts';
import { applyFilters } from './apply-filters.ts';
import { diffKernel, ownState } from './diff.ts';
import { type EngineNetworksOptions, engineNetworkName, engineNetworks } from './engine-networks.ts';
import { filterRules } from './filters.ts';
import { applyKernel, readKernel } from './kernel.ts';
import { requirePlain } from './plain.ts';
import { bridgeName, planNetwork } from './plan.ts';
import { resolvConfFiles, resolvConfText } from './resolv-conf.ts';

/** What somebody else changed in the kernel is put right after this time at the latest. */
const VERIFY_MS = 50_000;

const NOTHING: Attachment = { endpoints: [], dnsServers: [] };

type RootlessEngine = { SecurityOptions?: string[] };

/**
 * Networks that reach across hosts: the engine's bridges, joined by tunnels whose every entry is computed from the
 * document, with filters around them and names of our own. All of it stays in force when this process ends. Where a
 * host cannot do it, its networks are the engine's alone.
 */
export const hostNetworks = (
  options: EngineNetworksOptions & { stateDir: string },
): HostNetworks & { stop(): void } => {
  const local = localNetworks(options);
  const bridges = engineNetworks(options);
  const names = namesWriter(namesFolder(options.stateDir));
  const keeper = keepNames(options.stateDir);
  const resolvConf = resolvConfFiles(join(options.stateDir, 'resolv'));
  let failed = new Map<string, string>();
  let turn: Promise<unknown> = Promise.resolve();
  let asked: { engine: Engine; able: boolean } | undefined;
  let done: { doc: DesiredDocument; engine: Engine; what: string; at: number } | undefined;

  const isAble = async (): Promise<boolean> => {
    const engine = options.engine();
    if (asked?.engine === engine) return asked.able;
    const info = (await engine.docker.info()) as RootlessEngine;
    const rootless = info.SecurityOptions?.some((option) => option.includes('rootless')) ?? false;
    const { able, reason } = await crossHostAbility({ rootless });
    if (!able) log.warn({ reason }, 'networks of this host are joined with no other');
    asked = { engine, able };
    return able;
  };

  const put = async (networks: readonly AssignedNetwork[], doc: DesiredDocument): Promise<void> => {
    requirePlain(networks, doc);
    const host = { nodeId: doc.nodeId, hostAddress: doc.hostAddress, vxlanPort: doc.vxlanPort };
    const plans = networks.map((network) => planNetwork(network, host));
    const wanted = new Set(networks.map(({ networkId }) => networkId));
    const [strays, before] = await Promise.all([bridges.strays(wanted), readKernel()]);
    // First, so that nothing is open for a moment.
    await applyFilters(filterRules({ host, networks, tasks: doc.tasks, leftovers: strays }));
    failed = await bridges.ensure(networks);
    const complete = plans.every(({ bridge }) => before.bridges.has(bridge));
    const seen = complete ? before : await readKernel();
    const missing = networks.filter(({ vni }) => !seen.bridges.has(bridgeName(vni)));
    for (const { networkId } of missing)
      if (!failed.has(networkId)) failed.set(networkId, 'the engine does not make its bridges on this host');
    const possible = plans.filter(({ bridge }) => seen.bridges.has(bridge));
    await applyKernel(diffKernel(possible, ownState(seen, plans, strays)));
    if (strays.length > 0) await bridges.collect(wanted);
    resolvConf.keepOnly(new Set(doc.tasks.map(({ taskId }) => taskId)));
  };

  /** What cannot be done ends no other task's start: only those on these networks wait, and say why. */
  const putOrSay = async (networks: readonly AssignedNetwork[], doc: DesiredDocument): Promise<void> => {
    try {
      await put(networks, doc);
    } catch (error) {
      log.error({ error: messageOf(error) }, 'the networks of this host could not be put right');
      failed = new Map(networks.map(({ networkId }) => [networkId, messageOf(error)]));
    }
  };

  const sync = async (networks: AssignedNetwork[], doc: DesiredDocument): Promise<void> => {
    if (!(await isAble())) return local.ensure(networks, doc);
    const engine = options.engine();
    const recent = done?.engine === engine && Date.now() - done.at < VERIFY_MS;
    if (recent && done?.doc === doc) return;
    const ends = doc.tasks.map((task) => [task.networks, task.ports]);
    const what = JSON.stringify([networks, ends, doc.hostAddress, doc.vxlanPort]);
    const same = recent && done?.what === what;
    if (!same) await putOrSay(networks, doc);
    await names.document(doc);
    if (networks.length > 0) keeper.needed();
    // One that failed is tried again by whoever asks next.
    done = failed.size > 0 ? undefined : { doc, engine, what, at: same ? (done?.at ?? 0) : Date.now() };
  };

  /** One thing at a time: two that change the kernel at once would undo each other. */
  const queued = (work: () => Promise<void>): Promise<void> => {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  };

  return {
    ensure: (networks, doc) => queued(() => sync(networks, doc)),
    attachment: (task, networks) => {
      if (asked && !asked.able) return local.attachment(task, networks);
      const [first] = task.networks;
      if (task.spec.networkMode !== 'stack' || !first) return NOTHING;
      for (const { networkId } of task.networks) {
        const reason = failed.get(networkId);
        const network = networks.find((one) => one.networkId === networkId);
        if (reason === undefined && network) continue;
        throw new Error(
          `the network "${network?.name ?? networkId}" could not be made on this host: ${reason ?? 'the server named none'}`,
        );
      }
      const gateway = networks.find((one) => one.networkId === first.networkId)?.gateway ?? '';
      return {
        endpoints: task.networks.map(({ networkId, address, mac }) => ({
          network: engineNetworkName(networkId),
          config: { IPAMConfig: { IPv4Address: address }, MacAddress: mac },
        })),
        dnsServers: [],
        resolvConf: resolvConf.write(task.taskId, resolvConfText(gateway, task.spec.dns)),
      };
    },
    collect: (inUse) => queued(() => (asked?.able ? bridges.collect(inUse) : local.collect(inUse))),
    onReadiness: names.readiness,
    stop: keeper.stop,
  };
};
