import { randomUUID } from 'node:crypto';
import { type DesiredDocument, PROTOCOL_RANGE } from '@portreeve/agent-protocol';
import { desiredReceiver } from '../../apps/agent/src/link/desired-receiver.ts';
import { join } from '../../apps/agent/src/link/join.ts';
import { startLink } from '../../apps/agent/src/link/link.ts';
import { log } from '../../apps/agent/src/log.ts';
import { openOutbox } from '../../apps/agent/src/reports/outbox.ts';
import { memoryStore } from '../../e2e/faults/memory-store.ts';
import { factsOf, pressureNow } from './facts.ts';
import { fakeEngine } from './fake-engine.ts';

export type HostOptions = { server: string; caSha256: string; token: string; number: number };

/**
 * A host whose engine is not real and all else of its agent is: it joins by the join route with a token, makes its
 * own key, dials with its certificate, checks signatures of documents, and reports through the agent's own outbox.
 */
export const startHost = async ({ server, caSha256, token, number }: HostOptions): Promise<void> => {
  const facts = factsOf(number);
  const identity = await join({ server, caSha256, token, facts });
  const outbox = await openOutbox(memoryStore());
  const engine = fakeEngine(outbox);
  const startedAt = new Date().toISOString();
  const instanceId = randomUUID();
  let document: DesiredDocument | undefined;
  const have = () => ({ epoch: document?.epoch ?? 0, generation: document?.generation ?? 0 });

  startLink({
    identity: () => identity,
    log,
    handlers: {
      hello: () => ({
        protocol: PROTOCOL_RANGE,
        agentVersion: facts.agentVersion,
        clusterId: identity.clusterId,
        nodeId: identity.nodeId,
        instanceId,
        startedAt,
        clock: new Date().toISOString(),
        have: have(),
        facts,
      }),
      pressure: pressureNow,
      onDesired: desiredReceiver({
        identity: () => identity,
        have,
        store: async (next) => {
          document = next;
          engine.apply(next);
        },
        onRefused: (reason) => log.error({ number, reason }, 'refused a desired document'),
      }),
      onReadiness: () => undefined,
      onRequest: async () => ({ ok: false, code: 'engine.unavailable', message: 'This engine is not real.' }),
      onRevoked: () => undefined,
      onSkew: () => undefined,
      onServers: () => undefined,
    },
    onOpen: (session) =>
      outbox.open((report) => session.send('report', report), engine.reports, session.greeting),
    onClosed: () => outbox.close(),
    onHopeless: () => undefined,
  });
};
