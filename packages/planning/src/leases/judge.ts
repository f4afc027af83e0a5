import type { NodeState } from '@portreeve/domain';

/** A node's lease as the leader knows it. Times are milliseconds since 1970. */
export type LeaseView = {
  id: string;
  name: string;
  state: NodeState;
  lastHeardAt: number;
  leaseMs: number;
  /** Its agent said that it restarts on purpose and will be back by then. */
  leavingUntil?: number;
};

export type LeaseSnapshot = {
  nodes: LeaseView[];
  /** Since when, without a break, a server with a working database could have heard the agents. */
  couldHearSince: number;
  /** Given to everyone after an outage of ours, on top of a fresh lease. */
  graceMs: number;
  /** When the last answer said `held`: those who come back one by one get the grace again. */
  lastHeldAt?: number;
};

export type LeaseVerdict = {
  /** Nodes not heard for half a lease; shown as unknown, never stored. */
  unknown: string[];
  /** Nodes whose lease has ended: lost from now on. */
  lost: string[];
  /** True: leases have ended, but so many at once that nothing is decided. */
  held: boolean;
  alarm?: string;
  wakeAt?: number;
};

const COUNTED: ReadonlySet<NodeState> = new Set(['ready', 'unknown', 'returning']);

const silentFrom = (node: LeaseView, { couldHearSince }: LeaseSnapshot): number =>
  Math.max(node.lastHeardAt, couldHearSince);

const doubtedAt = (node: LeaseView, seen: LeaseSnapshot): number =>
  Math.max(silentFrom(node, seen) + node.leaseMs / 2, node.leavingUntil ?? 0);

/** Time in which nobody could have heard the agent is not counted, and after it everyone starts anew. */
const endsAt = (node: LeaseView, seen: LeaseSnapshot): number => {
  const grace = node.lastHeardAt < seen.couldHearSince ? seen.graceMs : 0;
  const afterHold = seen.lastHeldAt === undefined ? 0 : seen.lastHeldAt + seen.graceMs;
  return Math.max(silentFrom(node, seen) + grace + node.leaseMs, node.leavingUntil ?? 0, afterHold);
};

const NAMED = 5;

const alarmOf = (silent: LeaseView[], total: number): string => {
  const names = silent.slice(0, NAMED).map(({ name }) => name);
  const more = silent.length > NAMED ? [`${silent.length - NAMED} more`] : [];
  return (
    `${silent.length} of ${total} nodes fell silent together (${[...names, ...more].join(', ')}), which looks ` +
    'like the network and not like them: nothing is replaced until they answer or are removed by hand.'
  );
};

/**
 * Decides which nodes are unknown and which are lost. When two or more, and more than a third, are silent at
 * once, no lease is ended: the cause is rather between us and them than on every one of them.
 */
export const judgeLeases = (seen: LeaseSnapshot, now: number): LeaseVerdict => {
  const counted = seen.nodes.filter(({ state }) => COUNTED.has(state));
  const silent = counted.filter((node) => now >= doubtedAt(node, seen));
  const ended = silent.filter((node) => now >= endsAt(node, seen));
  const many = silent.length >= 2 && silent.length * 3 > counted.length;
  // While we hold, the grace after the hold must not hide that leases have ended.
  const overdue = silent.filter((node) => now >= endsAt(node, { ...seen, lastHeldAt: undefined }));
  const held = many && overdue.length > 0;
  const moments = counted.flatMap((node) => [doubtedAt(node, seen), endsAt(node, seen)]);
  const wakeAt = Math.min(...moments.filter((at) => at > now));
  return {
    unknown: silent.map(({ id }) => id),
    lost: held ? [] : ended.map(({ id }) => id),
    held,
    ...(held && { alarm: alarmOf(silent, counted.length) }),
    ...(Number.isFinite(wakeAt) && { wakeAt }),
  };
};
