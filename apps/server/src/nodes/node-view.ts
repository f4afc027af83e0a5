import type { NodeSummary } from '@portreeve/contract';
import type { LiveNode } from '../agents/live-figures.ts';
import type { NodeRow } from './nodes.store.ts';
import { whyNode } from './why.ts';

/** The label by which hosts are spread, and that lists show as their zone. */
const ZONE = 'zone';

/** A node as lists show it. Live figures are there only where this server holds its connection. */
export const summaryOf = (row: NodeRow, live: LiveNode | undefined, now: Date): NodeSummary => {
  const { facts } = row;
  const capacity = facts?.capacity;
  const pressure = live?.pressure;
  // The disk that is fullest is the one that will hurt.
  const [disk] = [...(pressure?.disks ?? [])].sort(
    (a, b) => b.usedBytes / b.totalBytes - a.usedBytes / a.totalBytes,
  );
  const lastSeenAt = live?.heardAt ?? row.lastSeenAt;
  return {
    id: row.id,
    name: row.name,
    projectPath: row.projectPath,
    state: row.state,
    availability: row.availability,
    labels: row.labels,
    address: row.hostAddress,
    local: row.local,
    version: row.version,
    tasks: row.tasks,
    cpus: { used: pressure?.cpuUsed ?? null, reserved: row.cpus, allocatable: capacity?.cpus ?? 0 },
    memory: {
      used: pressure?.memoryUsedBytes ?? null,
      reserved: row.memoryBytes,
      allocatable: capacity?.memoryBytes ?? 0,
    },
    disk: disk ? { usedBytes: disk.usedBytes, totalBytes: disk.totalBytes } : null,
    load: pressure?.load1 ?? null,
    engineVersion: facts?.engine.version ?? '',
    agentVersion: facts?.agentVersion ?? '',
    engineReachable: facts?.engine.reachable ?? false,
    agentConnected: row.connectedTo !== null,
    zone: row.labels[ZONE] ?? '',
    joinedAt: row.joinedAt.toISOString(),
    lastSeenAt: lastSeenAt?.toISOString() ?? null,
    why: whyNode({
      state: row.state,
      availability: row.availability,
      connected: row.connectedTo !== null,
      silentMs: lastSeenAt ? Math.max(0, now.getTime() - lastSeenAt.getTime()) : undefined,
      lastError: row.lastError,
      lastCloseReason: row.lastCloseReason,
      leaving: (row.leavingUntil?.getTime() ?? 0) > now.getTime(),
      facts,
      tasks: row.tasks,
      behind: row.appliedGeneration < row.generation,
    }),
    findings: (facts?.findings ?? []).map(({ message }) => message),
  };
};
