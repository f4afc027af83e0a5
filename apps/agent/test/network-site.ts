import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AssignedNetwork, AssignedTask } from '@portreeve/agent-protocol';
import { eventually, type Lab, type LabHost } from '../../../e2e/lab/lab.ts';
import { type TaskWish, task } from './documents.ts';
import { type End, SEE_FRAMES } from './frames.ts';
import { type HostAgent, startHostAgent } from './host-agent.ts';
import { macOf } from './network-samples.ts';

/** What the server's plan would say of one network; gateways are the first addresses, one per host. */
type Net = { networkId: string; name: string; vni: number; prefix: string; internal: boolean; next: number };
type Placed = { at: number; task: AssignedTask };

/** Several hosts with an agent each, and documents for all of them made from one plan, as the server makes them. */
export const openSite = async (lab: Lab, wishes: { name: string; internal?: boolean }[]) => {
  const agents = await Promise.all(lab.hosts.map((host) => startHostAgent(lab, host)));
  const nets: Net[] = wishes.map(({ name, internal = false }, index) => ({
    networkId: randomUUID(),
    name,
    vni: 4096 + index,
    prefix: `10.200.${index * 4}`,
    internal,
    next: 100,
  }));
  const net = (name: string): Net => nets.find((one) => one.name === name) as Net;
  let placed: Placed[] = [];
  let version = 0;

  const agentOf = (at: number): HostAgent => agents[at] as HostAgent;
  const hostOf = (at: number): LabHost => lab.hosts[at] as LabHost;
  const gatewayOf = (one: Net, at: number): string => `${one.prefix}.${at + 1}`;

  const onNet = (one: Net): Placed[] =>
    placed.filter(({ task: it }) => it.networks.some(({ networkId }) => networkId === one.networkId));

  const assigned = (one: Net, at: number): AssignedNetwork => {
    const others = new Set(onNet(one).map((it) => it.at));
    others.delete(at);
    return {
      networkId: one.networkId,
      name: one.name,
      stack: 'shop',
      vni: one.vni,
      subnet: `${one.prefix}.0/22`,
      gateway: gatewayOf(one, at),
      gatewayMac: macOf(gatewayOf(one, at)),
      internal: one.internal,
      mtu: 1450,
      crossHost: true,
      peers: [...others].map((other) => ({
        nodeId: agentOf(other).peer.nodeId,
        hostAddress: hostOf(other).address,
        gateway: gatewayOf(one, other),
        gatewayMac: macOf(gatewayOf(one, other)),
      })),
      members: onNet(one).map((it) => {
        const end = it.task.networks.find(({ networkId }) => networkId === one.networkId);
        const { service, stack } = it.task.names;
        return {
          taskId: it.task.taskId,
          nodeId: agentOf(it.at).peer.nodeId,
          hostAddress: hostOf(it.at).address,
          address: end?.address ?? '',
          mac: end?.mac ?? '',
          names: [service, `${service}.${stack}`, ...(end?.aliases ?? [])],
        };
      }),
    };
  };

  const site = {
    agents,
    hosts: lab.hosts,
    net,
    gateway: (name: string, at: number): string => gatewayOf(net(name), at),
    /** A task on that host and those networks, in the documents from the next `send` on. */
    place: (at: number, service: string, networks: string[], wish: TaskWish): AssignedTask => {
      const made = task({
        ...wish,
        names: { project: '/shop', stack: 'shop', service },
        networks: networks.map((name) => {
          const one = net(name);
          one.next += 1;
          const address = `${one.prefix}.${one.next}`;
          return {
            networkId: one.networkId,
            address,
            mac: macOf(address),
            aliases: [`${service}-of-${name}`],
          };
        }),
      });
      placed.push({ at, task: made });
      return made;
    },
    remove: (taskId: string): void => {
      placed = placed.filter((one) => one.task.taskId !== taskId);
    },
    send: async (): Promise<void> => {
      await Promise.all(
        agents.map((agent, at) => {
          const own = placed.filter((one) => one.at === at).map((one) => one.task);
          const wanted = nets.filter((one) => onNet(one).some((it) => it.at === at));
          return agent.assign(own, {
            hostAddress: hostOf(at).address,
            networks: wanted.map((one) => assigned(one, at)),
          });
        }),
      );
    },
    /** All tasks are ready, and every host has been told so. */
    allReady: async (): Promise<void> => {
      await Promise.all(placed.map((one) => agentOf(one.at).ready(one.task.taskId)));
      site.tellReadiness();
    },
    /** Tells every host what the server would have heard of the others. */
    tellReadiness: (): void => {
      version += 1;
      const ready = placed.filter((one) => agentOf(one.at).report(one.task.taskId)?.ready);
      const networks = nets.map((one) => ({
        networkId: one.networkId,
        ready: ready
          .filter(({ task: it }) => it.networks.some(({ networkId }) => networkId === one.networkId))
          .map(({ task: it }) => it.taskId),
      }));
      for (const agent of agents)
        if (agent.peer.connected()) agent.peer.emit('readiness', { version, networks });
    },
    placeOf: (taskId: string): Placed => placed.find((one) => one.task.taskId === taskId) as Placed,
    /** Runs a command in the task's container; throws with its output when it fails. */
    inside: async (it: AssignedTask, argv: string[]): Promise<string> => {
      const { at } = site.placeOf(it.taskId);
      const id = agentOf(at).report(it.taskId)?.containerId ?? '';
      const done = await hostOf(at).exec(['docker', 'exec', id, ...argv], { timeoutMs: 20_000 });
      if (done.code !== 0)
        throw new Error(`${argv.join(' ')} failed (${done.code}): ${done.stderr}${done.stdout}`);
      return done.stdout.trim();
    },
    /** Runs a command of the host in the network of the task's container. */
    inNetworkOf: async (it: AssignedTask, argv: string[]) =>
      hostOf(site.placeOf(it.taskId).at).exec([...(await site.entering(it)), ...argv], { timeoutMs: 20_000 }),
    /** The MAC and address of the task in that network. */
    endOf: (it: AssignedTask, name: string): End => {
      const end = it.networks.find(({ networkId }) => networkId === net(name).networkId);
      if (!end) throw new Error(`the task is not on ${name}`);
      return end;
    },
    /** Sees the marked frames that come to the task's container, until stopped. */
    watch: async (it: AssignedTask): Promise<{ seen(): string[]; stop(): Promise<void> }> => {
      const host = hostOf(site.placeOf(it.taskId).at);
      const seeing = host.spawn([...(await site.entering(it)), 'perl', '-e', SEE_FRAMES]);
      const seen = (): string[] => readFileSync(seeing.logFile, 'utf8').split('\n').slice(0, -1);
      await eventually(() => seen().includes('ready'), { what: 'the frames to be watched' });
      return { seen, stop: () => seeing.kill('SIGKILL') };
    },
    /** The command that enters the network of the task's container, as its root with all rights over it. */
    entering: async (it: AssignedTask): Promise<string[]> => {
      const { at } = site.placeOf(it.taskId);
      const id = agentOf(at).report(it.taskId)?.containerId ?? '';
      const { State } = await agentOf(at).docker.getContainer(id).inspect();
      return ['nsenter', '-t', String(State.Pid), '-n'];
    },
    /** Addresses of a name as the container's own resolver finds them. */
    resolve: async (it: AssignedTask, name: string): Promise<string[]> => {
      const text = await site.inside(it, ['getent', 'ahostsv4', name]).catch(() => '');
      return [...new Set(text.split('\n').flatMap((line) => line.split(/\s+/)[0] || []))].sort();
    },
    untilResolves: (it: AssignedTask, name: string, addresses: string[]): Promise<true> =>
      eventually(
        async () => JSON.stringify(await site.resolve(it, name)) === JSON.stringify([...addresses].sort()),
        {
          timeout: 30_000,
          what: `${name} to be ${addresses.join(' ') || 'nobody'}`,
        },
      ),
    end: () => Promise.all(agents.map((agent) => agent.end())),
  };
  return site;
};
export type Site = Awaited<ReturnType<typeof openSite>>;
