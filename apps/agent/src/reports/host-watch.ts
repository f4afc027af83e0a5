import type { NodeFacts, NodePressure } from '@portreeve/domain';
import type { Engine } from '../engine/engine.ts';
import { messageOf } from '../errors.ts';
import { log } from '../log.ts';
import { gatherFacts } from './facts.ts';
import { pressureMeter } from './pressure.ts';

type HostWatchOptions = {
  dockerSocket: string;
  engine(): Engine | undefined;
  /** Called with facts that are others than before. */
  onFacts(facts: NodeFacts): Promise<unknown> | undefined;
};

/** What is known of the host: facts that seldom change, and its load as last measured. */
export type HostWatch = {
  facts(): NodeFacts;
  engineRoot(): string;
  pressure(): NodePressure | undefined;
  refresh(): Promise<void>;
  /** The engine came or went. */
  refreshSoon(): void;
  measure(): Promise<void>;
  onSkew(ms: number): void;
};

export const watchHost = async (options: HostWatchOptions): Promise<HostWatch> => {
  let known = await gatherFacts(options.dockerSocket, undefined);
  let pressure: NodePressure | undefined;
  let skewMs: number | undefined;
  const measure = pressureMeter();
  const refresh = async (): Promise<void> => {
    const fresh = await gatherFacts(options.dockerSocket, options.engine());
    const changed = JSON.stringify(fresh.facts) !== JSON.stringify(known.facts);
    known = fresh;
    if (changed) await options.onFacts(fresh.facts);
  };
  return {
    facts: () => known.facts,
    engineRoot: () => known.engineRoot,
    pressure: () => pressure,
    refresh,
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
