import { join } from 'node:path';
import type { AssignedNetwork, DesiredDocument } from '@portreeve/agent-protocol';
import type { Engine } from '../engine/engine.ts';
import { localNetworks } from '../engine/local-networks.ts';
import type { Attachment, HostNetworks } from '../engine/network-port.ts';
import { log } from '../log.ts';
import { keepNames } from '../names/keep-names.ts';
import { namesWriter } from '../names/names-writer.ts';
import { namesFolder } from '../names/table-file.ts';
import { crossHostAbility } from './ability.ts';
import { type EngineNetworksOptions, engineNetworkName } from './engine-networks.ts';
import { type Failures, joinedNetworks } from './joined-networks.ts';
import { resolvConfFiles, resolvConfText } from './resolv-conf.ts';

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
  const joined = joinedNetworks(options);
  const names = namesWriter(namesFolder(options.stateDir));
  const keeper = keepNames(options.stateDir);
  const resolvConf = resolvConfFiles(join(options.stateDir, 'resolv'));
  let failed: Failures = new Map();
  let written: DesiredDocument | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let asked: { engine: Engine; able: boolean } | undefined;

  const isAble = async (): Promise<boolean> => {
    const engine = options.engine();
    if (asked?.engine === engine) return asked.able;
    const info = (await engine.docker.info()) as RootlessEngine;
    const rootless = info.SecurityOptions?.some((option) => option.includes('rootless')) ?? false;
    const { able, reason } = await crossHostAbility({ rootless, name: engine.version.name });
    if (!able) log.warn({ reason }, 'networks of this host are joined with no other');
    asked = { engine, able };
    return able;
  };

  const sync = async (networks: AssignedNetwork[], doc: DesiredDocument): Promise<void> => {
    if (!(await isAble())) return local.ensure(networks, doc);
    failed = await joined.put(networks, doc);
    if (doc === written) return;
    await names.document(doc);
    written = doc;
    resolvConf.keepOnly(new Set(doc.tasks.map(({ taskId }) => taskId)));
    if (networks.length > 0) keeper.needed();
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
    collect: (inUse) => queued(() => (asked?.able ? joined.collect(inUse) : local.collect(inUse))),
    onReadiness: names.readiness,
    stop: keeper.stop,
  };
};
