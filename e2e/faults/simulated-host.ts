import { randomUUID } from 'node:crypto';
import { type AssignedTask, type DesiredDocument, PROTOCOL_RANGE } from '@portreeve/agent-protocol';
import { AGENT_FEATURES, NodeFacts } from '@portreeve/domain';
import { desiredReceiver } from '../../apps/agent/src/link/desired-receiver.ts';
import { join } from '../../apps/agent/src/link/join.ts';
import { type Link, startLink } from '../../apps/agent/src/link/link.ts';
import { log } from '../../apps/agent/src/log.ts';
import { openOutbox } from '../../apps/agent/src/reports/outbox.ts';
import type { Identity } from '../../apps/agent/src/state/identity.ts';
import { eventually } from '../lab/eventually.ts';
import { memoryStore } from './memory-store.ts';
import { type Behaviour, type Container, simulateEngine } from './simulated-engine.ts';

log.level = 'silent';

/** A host whose engine is simulated; what speaks to the server is the agent's own link, outbox and verification. */
export type SimulatedHost = {
  name: string;
  nodeId: string;
  running(): Container[];
  isConnected(): boolean;
  /** When it dialled without success, and when a connection stood. */
  dialled: { at: number; stood: boolean }[];
  /** Power and cable at once: nothing runs, nothing is said. */
  kill(): Promise<void>;
  boot(): void;
  stop(): Promise<void>;
};

type Options = {
  name: string;
  agentUrl: string;
  /** Added to those that the server names: where else to dial. */
  otherServers?: string[];
  caSha256: string;
  token: string;
  behaviourOf: (task: AssignedTask) => Behaviour;
  /** Called with each document before it is stored and answered. */
  onDocument?: (document: DesiredDocument) => void;
};

let hosts = 0;
/** As real ones have it: each another, since hosts with none are joined to no network. */
const nextAddress = (): string => {
  hosts += 1;
  return `10.201.${hosts >> 8}.${hosts & 255}`;
};

const factsOf = (hostname: string): NodeFacts =>
  NodeFacts.parse({
    hostname,
    os: 'debian',
    osVersion: '12',
    kernel: '6.1',
    architecture: 'amd64',
    bootId: randomUUID(),
    agentVersion: '0.1.0',
    capacity: { cpus: 64, memoryBytes: 64 * 2 ** 30, pids: 100_000 },
    engine: { reachable: true, name: 'engine', version: '29.0.0' },
    addresses: [{ interface: 'eth0', address: nextAddress(), prefix: 16 }],
    crossHostNetworks: { able: true },
    features: Object.keys(AGENT_FEATURES),
  });

/** Joins and connects. */
export const startSimulatedHost = async (options: Options): Promise<SimulatedHost> => {
  const { name, agentUrl: server, caSha256, token } = options;
  const facts = factsOf(name);
  // A hundred that join at once find the server busy: a person would paste the command again.
  const joined = await eventually(() => join({ server, caSha256, token, facts, name }), {
    timeout: 60_000,
    interval: 500,
    what: `${name} to join`,
  });
  let identity: Identity = {
    ...joined,
    servers: [...new Set([...joined.servers, ...(options.otherServers ?? [])])],
  };
  const outbox = await openOutbox(memoryStore());
  const engine = simulateEngine(options.behaviourOf, outbox.task);
  const dialled: SimulatedHost['dialled'] = [];
  let document: DesiredDocument | undefined;
  let link: Link | undefined;
  let startedAt = new Date().toISOString();

  const receive = desiredReceiver({
    identity: () => identity,
    have: () => document ?? { epoch: 0, generation: 0 },
    store: async (next) => {
      options.onDocument?.(next);
      document = next;
      engine.obey(next);
    },
    onRefused: (reason) => {
      throw new Error(`${name} refused a document: ${reason}`);
    },
  });
  const connect = (): void => {
    startedAt = new Date().toISOString();
    const instanceId = randomUUID();
    link = startLink({
      identity: () => identity,
      log,
      handlers: {
        hello: () => ({
          protocol: PROTOCOL_RANGE,
          agentVersion: '0.1.0',
          clusterId: identity.clusterId,
          nodeId: identity.nodeId,
          instanceId,
          startedAt,
          clock: new Date().toISOString(),
          have: { epoch: document?.epoch ?? 0, generation: document?.generation ?? 0 },
          facts,
        }),
        pressure: () => undefined,
        onDesired: receive,
        onReadiness: () => undefined,
        onRequest: async () => ({ ok: true, value: [] }),
        onRevoked: () => undefined,
        onSkew: () => undefined,
        onServers: (servers) => {
          identity = { ...identity, servers: [...servers] };
        },
      },
      onOpen: (session) => {
        dialled.push({ at: Date.now(), stood: true });
        identity = { ...identity, servers: [...new Set([...session.greeting.servers, ...identity.servers])] };
        outbox.open((report) => session.send('report', report), engine.reports, session.greeting);
      },
      onClosed: () => {
        dialled.push({ at: Date.now(), stood: false });
        outbox.close();
      },
      onHopeless: () => undefined,
    });
  };
  connect();
  return {
    name,
    nodeId: joined.nodeId,
    running: engine.running,
    isConnected: () => link?.session() !== undefined,
    dialled,
    kill: async () => {
      engine.cut();
      outbox.close();
      await link?.stop();
    },
    boot: () => {
      engine.boot();
      connect();
    },
    stop: async () => {
      engine.cut();
      await link?.stop();
    },
  };
};
