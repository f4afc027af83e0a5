import { randomUUID } from 'node:crypto';
import { type DesiredDocument, PROTOCOL_RANGE } from '@portreeve/agent-protocol';
import type { NodePressure } from '@portreeve/domain';
import type { Engine } from './engine/engine.ts';
import { localNetworks } from './engine/local-networks.ts';
import { trustRegistries } from './engine/registry.ts';
import { watchEngine } from './engine/watch.ts';
import { messageOf } from './errors.ts';
import { desiredReceiver } from './link/desired-receiver.ts';
import { startLink } from './link/link.ts';
import { renew } from './link/renew.ts';
import type { Greeting } from './link/session.ts';
import { log } from './log.ts';
import { exitLogs } from './reports/exit-logs.ts';
import { type Facts, gatherFacts } from './reports/facts.ts';
import { bootTime } from './reports/host.ts';
import { openOutbox } from './reports/outbox.ts';
import { pressureMeter } from './reports/pressure.ts';
import { loadDesired, saveDesired } from './state/desired.ts';
import { type Identity, loadIdentity, saveIdentity } from './state/identity.ts';
import { openStore } from './state/store.ts';
import { openBook } from './tasks/book.ts';
import { startReconciler } from './tasks/reconciler.ts';
import { AGENT_VERSION } from './version.ts';

const PRESSURE_MS = 5_000;
const FACTS_MS = 60_000;
const RENEW_MS = 3_600_000;
/** Told to the supervisor: start me again. */
const EXIT_HOPELESS = 75;
const EXIT_NOT_JOINED = 78;

export type AgentOptions = { stateDir: string; dockerSocket: string };

/** The agent: keeps the engine at what the newest document says, with or without a server. Ends by signal only. */
export const runAgent = async (options: AgentOptions): Promise<void> => {
  const store = await openStore(options.stateDir);
  const joined = await loadIdentity(store);
  if (!joined) {
    log.error('this host has joined no cluster: run "portreeve-agent join" with a token first');
    process.exit(EXIT_NOT_JOINED);
  }
  let identity: Identity = joined;
  let document: DesiredDocument | undefined = await loadDesired(store);
  let engine: Engine | undefined;
  let skewMs: number | undefined;
  let pressure: NodePressure | undefined;
  let lastDisconnect: { at: string; reason: string } | undefined;
  let known: Facts = await gatherFacts(options.dockerSocket, undefined);
  const node = { clusterId: identity.clusterId, nodeId: identity.nodeId };
  const instanceId = randomUUID();
  const startedAt = new Date().toISOString();
  const [book, outbox, bootedAt] = await Promise.all([openBook(store), openOutbox(store), bootTime()]);
  const currentEngine = (): Engine => {
    if (!engine) throw new Error('the engine does not answer');
    return engine;
  };
  const networks = localNetworks({ engine: currentEngine, record: outbox.event, node });

  const reconciler = startReconciler({
    node,
    doc: document,
    networks,
    book,
    outbox,
    exitLogs: exitLogs(store),
    bootedAt,
    record: outbox.event,
    onReady: () => undefined,
  });

  const remember = async (next: Identity): Promise<void> => {
    identity = next;
    await saveIdentity(store, next);
  };
  const learn = (greeting: Greeting): Promise<void> | undefined => {
    const servers = greeting.servers.length > 0 ? greeting.servers : identity.servers;
    const caCertificates =
      greeting.caCertificates.length > 0 ? greeting.caCertificates : identity.caCertificates;
    const same =
      JSON.stringify([servers, caCertificates]) ===
      JSON.stringify([identity.servers, identity.caCertificates]);
    return same ? undefined : remember({ ...identity, servers, caCertificates });
  };

  const receive = desiredReceiver({
    identity: () => identity,
    have: () => document ?? { epoch: 0, generation: 0 },
    store: async (next, bytes) => {
      await saveDesired(store, bytes);
      document = next;
      await trustRegistries(next.registries).catch((error) =>
        log.warn({ error: messageOf(error) }, 'the CA of a registry could not be shown to the engine'),
      );
      reconciler.setDocument(next);
    },
    onRefused: (reason) => {
      log.error({ reason }, 'refused a desired document');
      const at = new Date().toISOString();
      outbox.event({ at, kind: 'agent', text: `refused a desired document: ${reason}`, ok: false });
    },
  });

  const link = startLink({
    identity: () => identity,
    log,
    handlers: {
      hello: () => ({
        protocol: PROTOCOL_RANGE,
        agentVersion: AGENT_VERSION,
        ...node,
        instanceId,
        startedAt,
        clock: new Date().toISOString(),
        have: { epoch: document?.epoch ?? 0, generation: document?.generation ?? 0 },
        facts: known.facts,
        lastDisconnect,
      }),
      pressure: () => pressure,
      onDesired: receive,
      onReadiness: () => undefined,
      onRequest: async () => ({
        ok: false,
        code: 'not-found',
        message: 'this agent does not know that request',
      }),
      onRevoked: () => log.error('this node was removed from its cluster'),
      onSkew: (ms) => {
        skewMs = ms;
      },
    },
    onOpen: (session) => {
      outbox.open((report) => session.send('report', report), reconciler.reports);
      learn(session.greeting)?.catch((error) => log.warn({ error: messageOf(error) }, 'not remembered'));
    },
    onClosed: (reason) => {
      outbox.close();
      lastDisconnect = { at: new Date().toISOString(), reason };
    },
    onHopeless: () => {
      log.error('no server answered for ten minutes: starting anew');
      process.exit(EXIT_HOPELESS);
    },
  });

  const refreshFacts = async (): Promise<void> => {
    const fresh = await gatherFacts(options.dockerSocket, engine);
    const changed = JSON.stringify(fresh.facts) !== JSON.stringify(known.facts);
    known = fresh;
    if (changed) await link.session()?.send('facts', fresh.facts);
  };
  const quietly = (work: () => Promise<unknown>, what: string) => () => {
    work().catch((error) => log.warn({ error: messageOf(error) }, what));
  };
  const factsSoon = quietly(refreshFacts, 'facts were not sent');

  const watch = watchEngine({
    socketPath: options.dockerSocket,
    nodeId: node.nodeId,
    onList: (current, containers) => {
      const back = engine === undefined;
      engine = current;
      reconciler.onList(current, containers);
      if (back) factsSoon();
    },
    onEvent: reconciler.onEvent,
    onDown: (reason) => {
      if (engine) log.error({ reason }, 'the engine is away');
      const left = engine !== undefined;
      engine = undefined;
      reconciler.onEngineDown(reason);
      if (left) factsSoon();
    },
  });

  const measure = pressureMeter();
  const timers = [
    setInterval(
      quietly(async () => {
        pressure = await measure(known.engineRoot, skewMs);
      }, 'the host was not measured'),
      PRESSURE_MS,
    ),
    setInterval(factsSoon, FACTS_MS),
    setInterval(
      quietly(async () => {
        const renewed = await renew(identity, new Date());
        if (!renewed) return;
        await remember(renewed);
        link.redial('the certificate was renewed');
      }, 'the certificate could not be renewed'),
      RENEW_MS,
    ),
  ];

  const leave = async (): Promise<void> => {
    for (const timer of timers) clearInterval(timer);
    const message = { reason: 'restart', backWithinMs: 60_000 };
    await Promise.race([
      link.session()?.send('leaving', message),
      new Promise((resolve) => setTimeout(resolve, 1_000)),
    ]).catch(() => undefined);
    watch.stop();
    await Promise.race([link.stop(), new Promise((resolve) => setTimeout(resolve, 1_000))]);
    await book.save().catch(() => undefined);
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void leave());
};
