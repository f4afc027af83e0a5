import type { Readiness } from '@portreeve/agent-protocol';
import type { NamesTable } from './table.ts';

/** Who is ready, as far as is known: here from the engine, elsewhere from the server's last word. */
export type KnownReadiness = {
  /** Undefined until the agent has looked at this host's containers; what an earlier agent wrote holds so long. */
  local: ReadonlySet<string> | undefined;
  /** Per network; one the server has said nothing of is not in it. */
  remote: ReadonlyMap<string, ReadonlySet<string>>;
  /** Ready tasks of the table that was found at the start. */
  before: ReadonlySet<string>;
};

/** What a table says of readiness, for an agent that has just started. */
export const rememberedReadiness = (table: NamesTable): KnownReadiness => ({
  local: undefined,
  remote: new Map(),
  before: new Set(
    table.networks.flatMap(({ members }) => members.filter(({ ready }) => ready).map(({ taskId }) => taskId)),
  ),
});

/** The server's word replaces what was known of each network it names, and of no other. */
export const hearReadiness = (
  known: KnownReadiness,
  said: Readiness,
  local: ReadonlySet<string>,
): KnownReadiness => ({
  ...known,
  local: new Set(local),
  remote: new Map([
    ...known.remote,
    ...said.networks.map(({ networkId, ready }) => [networkId, new Set(ready)] as const),
  ]),
});

export const isReady = (
  known: KnownReadiness,
  ownNodeId: string,
  networkId: string,
  task: { taskId: string; nodeId: string },
): boolean => {
  const now = task.nodeId === ownNodeId ? known.local : known.remote.get(networkId);
  return (now ?? known.before).has(task.taskId);
};
