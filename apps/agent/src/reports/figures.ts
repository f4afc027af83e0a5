import { X509Certificate } from 'node:crypto';
import type { AgentFigures } from '@portreeve/agent-protocol';
import type { NodePressure } from '@portreeve/domain';
import type { Engine } from '../engine/engine.ts';
import type { Identity } from '../state/identity.ts';
import type { TaskRecord } from '../tasks/record.ts';

type FigureSources = {
  startedAt: string;
  pressure(): NodePressure | undefined;
  /** Throws while the engine does not answer. */
  engine(): Engine;
  taskOf(containerId: string): string | undefined;
  records: ReadonlyMap<string, TaskRecord>;
  outbox(): AgentFigures['outbox'];
  reconnects(): number;
  identity(): Identity;
};

const counted = <T>(items: Iterable<T>, keyOf: (item: T) => string): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
};

const containersOf = async ({ engine, taskOf }: FigureSources): Promise<AgentFigures['containers']> => {
  const found = await engine().docker.listContainers({ all: true });
  return [true, false].flatMap((ours) => {
    const some = found.filter(({ Id }) => (taskOf(Id) !== undefined) === ours);
    return [...counted(some, ({ State }) => State)].map(([state, count]) => ({ state, ours, count }));
  });
};

/** The agent's own figures, gathered when somebody asks: nothing of it is kept or sent otherwise. */
export const gatherFigures = async (sources: FigureSources): Promise<AgentFigures> => ({
  startedAt: sources.startedAt,
  pressure: sources.pressure(),
  residentBytes: process.memoryUsage.rss(),
  containers: await containersOf(sources).catch(() => undefined),
  tasks: Object.fromEntries(counted(sources.records.values(), ({ state }) => state)),
  attempts: [...sources.records.values()].reduce(
    (sum, { attempts }) => sum + (attempts.at(-1)?.attempt ?? 0),
    0,
  ),
  outbox: sources.outbox(),
  servers: sources.identity().servers.length,
  reconnects: sources.reconnects(),
  certificateExpiresAt: new Date(
    new X509Certificate(sources.identity().certificatePem).validTo,
  ).toISOString(),
});
