import type { HostPort, NodeFacts, NodePressure } from '@portreeve/domain';
import type { Engine } from '../engine/engine.ts';
import { messageOf } from '../errors.ts';
import { log } from '../log.ts';
import { type Facts, gatherFacts } from './facts.ts';
import { listeners, usedPorts } from './host-ports.ts';
import { pressureMeter } from './pressure.ts';

type HostWatchOptions = {
  dockerSocket: string;
  engine(): Engine | undefined;
  /** Host ports of the tasks that this host is told to run. */
  assigned(): HostPort[];
  /** Called with facts that are others than before. */
  onFacts(facts: NodeFacts): Promise<unknown> | undefined;
};

/** What is known of the host: facts that seldom change, and its load as last measured. */
export type HostWatch = {
  facts(): NodeFacts;
  engineRoot(): string;
  pressure(): NodePressure | undefined;
  refresh(): Promise<void>;
  /** Looks at the ports of the host alone, which costs little and may change at any time. */
  lookAtPorts(): Promise<void>;
  /** The engine came or went. */
  refreshSoon(): void;
  measure(): Promise<void>;
  onSkew(ms: number): void;
};

export const watchHost = async (options: HostWatchOptions): Promise<HostWatch> => {
  let known = await gatherFacts(options.dockerSocket, undefined, options.assigned());
  let pressure: NodePressure | undefined;
  let skewMs: number | undefined;
  let listening = '';
  const measure = pressureMeter();
  const take = async (fresh: Facts): Promise<void> => {
    const changed = JSON.stringify(fresh.facts) !== JSON.stringify(known.facts);
    known = fresh;
    if (changed) await options.onFacts(fresh.facts);
  };
  const refresh = async (): Promise<void> => {
    await take(await gatherFacts(options.dockerSocket, options.engine(), options.assigned()));
  };
  return {
    facts: () => known.facts,
    engineRoot: () => known.engineRoot,
    pressure: () => pressure,
    refresh,
    lookAtPorts: async () => {
      // The engine is asked only when a socket came or went.
      const seen = JSON.stringify(await listeners());
      if (seen === listening) return;
      listening = seen;
      const ports = await usedPorts(options.engine(), options.assigned());
      await take({ ...known, facts: { ...known.facts, usedPorts: ports } });
    },
    refreshSoon: () => {
      refresh().catch((error) => log.warn({ error: messageOf(error) }, 'facts were not sent'));
    },
    measure: async () => {
      pressure = await measure(known.engineRoot, skewMs);
    },
    onSkew: (ms) => {
      skewMs = ms;
    },
  };
};
