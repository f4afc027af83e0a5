import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type DesiredDocument, type Hello, PROTOCOL_RANGE, type Readiness } from '@portreeve/agent-protocol';
import type { Engine } from './engine/engine.ts';
import { openImages } from './engine/images.ts';
import { trustRegistries } from './engine/registry.ts';
import { MEMORY_FOLDER } from './engine/task-files.ts';
import { watchEngine } from './engine/watch.ts';
import { messageOf } from './errors.ts';
import { desiredReceiver } from './link/desired-receiver.ts';
import { type Link, startLink } from './link/link.ts';
import { renew } from './link/renew.ts';
import { log } from './log.ts';
import { hostNetworks } from './networks/host-networks.ts';
import { every, soon } from './periodic.ts';
import { exitLogs } from './reports/exit-logs.ts';
import { gatherFigures } from './reports/figures.ts';
import { bootTime } from './reports/host.ts';
import { watchHost } from './reports/host-watch.ts';
import { openMetrics } from './reports/metrics.ts';
import { openOutbox } from './reports/outbox.ts';
import { sampler } from './reports/stats.ts';
import { answerRequests } from './requests/answer.ts';
import { loadDesired, saveDesired } from './state/desired.ts';
import { keepMembership, untilJoined } from './state/membership.ts';
import type { BulkChannel } from './streams/bulk.ts';
import { openBook } from './tasks/book.ts';
import { startReconciler } from './tasks/reconciler.ts';
import { AGENT_VERSION } from './version.ts';

const PRESSURE_MS = 5_000;
const SAMPLE_MS = 10_000;
const FACTS_MS = 60_000;
const PORTS_MS = 10_000;
const TIDY_MS = 60_000;
const RENEW_MS = 600_000;
const FIRST_LOOK_MS = 3_000;
const FORGOTTEN_MS = 1_000;
/** Told to the supervisor: start me again. */
const EXIT_HOPELESS = 75;

export type AgentOptions = { stateDir: string; dockerSocket: string };

/** The agent: keeps the engine at what the newest document says, with or without a server. Ends by signal only. */
export const runAgent = async (options: AgentOptions): Promise<void> => {
  const { store, joined } = await untilJoined(options.stateDir);
  const membership = keepMembership(store, joined);
  const { identity } = membership;
  let document: DesiredDocument | undefined = await loadDesired(store);
  let engine: Engine | undefined;
  let link: Link | undefined;
  let lastDisconnect: Hello['lastDisconnect'];
  let readiness: Readiness = { version: 0, networks: [] };
  const node = { clusterId: joined.clusterId, nodeId: joined.nodeId };
  const startedAt = new Date().toISOString();
  const instanceId = randomUUID();

  const outbox = await openOutbox(store);
  const [book, bootedAt, metrics, images, host] = await Promise.all([
    openBook(store, outbox.exitsWritten),
    bootTime(),
    openMetrics(options.stateDir),
    openImages(store, outbox.event),
    watchHost({
      dockerSocket: options.dockerSocket,
      engine: () => engine,
      assigned: () =>
        (document?.tasks ?? []).flatMap(({ ports }) =>
          ports.map(({ published, protocol }) => ({ port: published, protocol })),
        ),
      onFacts: (facts) => link?.session()?.send('facts', facts),
    }),
  ]);
  const say = (text: string, ok = true): void =>
    outbox.event({ at: new Date().toISOString(), kind: 'agent', text, ok });
  const currentEngine = (): Engine => {
    if (!engine) throw new Error('the engine does not answer');
    return engine;
  };

  const networks = hostNetworks({
    engine: currentEngine,
    record: outbox.event,
    node,
    stateDir: options.stateDir,
  });
  const collectNetworks = async (): Promise<void> => {
    if (engine && document) await networks.collect(new Set(document.networks.map((one) => one.networkId)));
  };
  const collectSoon = soon(FORGOTTEN_MS, 'networks were not collected', collectNetworks);

  const logs = exitLogs(store);
  const reconciler = startReconciler({
    node,
    doc: document,
    networks,
    book,
    outbox,
    exitLogs: logs,
    guarded: [options.stateDir, options.dockerSocket, MEMORY_FOLDER],
    bootedAt,
    record: outbox.event,
    noteImage: images.note,
    onReady: (ready) => networks.onReadiness(readiness, ready),
    onForgotten: collectSoon,
  });
  const stats = sampler(reconciler.running, async (containerId) => {
    const info = await currentEngine().docker.getContainer(containerId).inspect();
    return info.State.Pid;
  });

  const receive = desiredReceiver({
    identity,
    have: () => document ?? { epoch: 0, generation: 0 },
    store: async (next, bytes) => {
      await saveDesired(store, bytes);
      document = next;
      await trustRegistries(next.registries).catch((error) =>
        say(`the CA of a registry could not be shown to the engine: ${messageOf(error)}`, false),
      );
      reconciler.setDocument(next);
      collectSoon();
    },
    onRefused: (reason) => {
      log.error({ reason }, 'refused a desired document');
      say(`refused a desired document: ${reason}`, false);
    },
  });

  const channels = new Set<BulkChannel>();
  const onRequest = answerRequests({
    identity,
    engine: currentEngine,
    exitLogs: logs,
    sampler: stats,
    metrics,
    figures: () =>
      gatherFigures({
        startedAt,
        pressure: host.pressure,
        engine: currentEngine,
        taskOf: reconciler.taskOf,
        records: book.records,
        outbox: outbox.left,
        reconnects: () => link?.reconnects() ?? 0,
        identity,
      }),
    record: (taskId) => book.records.get(taskId),
    containerOf: reconciler.containerOf,
    taskOf: reconciler.taskOf,
    onChannel: (channel) => {
      channels.add(channel);
      channel.closed.addEventListener('abort', () => channels.delete(channel), { once: true });
    },
  });

  let present = '';
  let looked = (): void => undefined;
  const firstLook = new Promise<void>((resolve) => {
    looked = resolve;
  });
  const watch = watchEngine({
    socketPath: options.dockerSocket,
    nodeId: node.nodeId,
    onList: (current, containers) => {
      const back = engine === undefined;
      engine = current;
      reconciler.onList(current, containers);
      looked();
      if (!back) return;
      networks.onReadiness(readiness, reconciler.ready());
      host.refreshSoon();
    },
    onEvent: reconciler.onEvent,
    onDown: (reason) => {
      if (engine) log.error({ reason }, 'the engine is away');
      const left = engine !== undefined;
      engine = undefined;
      reconciler.onEngineDown(reason);
      if (left) host.refreshSoon();
    },
  });

  // The first report says what runs here, so the engine is looked at before a server is told.
  await Promise.race([firstLook, pause(FIRST_LOOK_MS)]);
  link = startLink({
    identity,
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
        facts: host.facts(),
        lastDisconnect,
      }),
      pressure: host.pressure,
      onDesired: receive,
      onReadiness: (next) => {
        readiness = next;
        networks.onReadiness(readiness, reconciler.ready());
      },
      onRequest,
      onRevoked: () => {
        log.error('this node was removed from its cluster');
        for (const channel of channels) channel.close('the node was removed');
      },
      onSkew: host.onSkew,
      onServers: (servers) => membership.learn({ servers }, present),
    },
    onOpen: (session, server) => {
      outbox.open((report) => session.send('report', report), reconciler.reports, session.greeting);
      present = server;
      membership.learn(session.greeting, server);
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

  const stops = [
    every(PRESSURE_MS, 'the host was not measured', host.measure),
    every(SAMPLE_MS, 'the tasks were not measured', async () => {
      await stats.sample();
      await metrics.add(Date.now(), stats.latest(), host.pressure());
    }),
    every(FACTS_MS, 'facts were not sent', host.refresh),
    every(PORTS_MS, 'the ports of the host were not looked at', host.lookAtPorts),
    every(TIDY_MS, 'what is no longer needed was not removed', async () => {
      // What a burst of starts left behind is not kept until the next one.
      globalThis.gc?.();
      await collectNetworks();
      if (engine && document) await images.collect(engine, document, host.engineRoot());
    }),
    every(RENEW_MS, 'the certificate could not be renewed', async () => {
      const renewed = await renew(identity(), new Date());
      if (!renewed) return;
      await membership.replace(renewed);
      link?.redial('the certificate was renewed');
    }),
  ];

  const leave = async (): Promise<void> => {
    const aSecond = () => pause(1_000);
    for (const stop of stops) stop();
    const message = { reason: 'restart', backWithinMs: 60_000 };
    await Promise.race([link?.session()?.send('leaving', message), aSecond()]).catch(() => undefined);
    watch.stop();
    await Promise.race([link?.stop(), aSecond()]);
    await book.save().catch(() => undefined);
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void leave());
};
