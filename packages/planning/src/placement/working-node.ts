import type { Capacity } from '@portreeve/domain';
import { occupyPort, type PortsInUse } from './ports-in-use.ts';
import type { Placed, PlacementNode, PlacementRequest } from './types.ts';

/**
 * A node while a batch is planned: what earlier decisions of the batch took is already gone from it. The
 * snapshot itself is never changed.
 */
export type WorkingNode = {
  seen: PlacementNode;
  /** Its place among the nodes of the batch. */
  index: number;
  free: Capacity;
  ports: PortsInUse;
  tasksOfService: Map<string, number>;
  taskCount: number;
};

const share = (free: number, total: number): number => (total > 0 ? Math.max(0, free) / total : 1);

/**
 * From 0 (full) to 1 (empty). Most is said by the scarcer of CPU and memory; among equals the node with fewer
 * tasks has more room.
 */
export const headroomOf = (node: WorkingNode): number => {
  const { capacity } = node.seen;
  const reserved = Math.min(
    share(node.free.cpus, capacity.cpus),
    share(node.free.memoryBytes, capacity.memoryBytes),
  );
  return 0.7 * reserved + 0.3 / (1 + node.taskCount);
};

/** A copy to plan on. */
export const toWorkingNode = (seen: PlacementNode, index: number): WorkingNode => {
  const ports: PortsInUse = new Map();
  for (const used of seen.usedPorts) occupyPort(ports, used);
  for (const held of seen.foreignPorts) occupyPort(ports, held);
  const free = {
    cpus: seen.capacity.cpus - seen.reserved.cpus,
    memoryBytes: seen.capacity.memoryBytes - seen.reserved.memoryBytes,
    pids: seen.capacity.pids - seen.reserved.pids,
  };
  const node = { seen, free, taskCount: seen.taskCount };
  return {
    ...node,
    index,
    ports,
    tasksOfService: new Map(Object.entries(seen.tasksOfService)),
  };
};

/** What a request may take of a node: what is free there, and what makes room for it. */
export const freeFor = ({ freed }: PlacementRequest, { seen, free }: WorkingNode): Capacity => {
  if (freed.length === 0) return free;
  const room = { ...free };
  for (const { nodeId, reserved } of freed) {
    if (nodeId !== seen.id) continue;
    room.cpus += reserved.cpus ?? 0;
    room.memoryBytes += reserved.memoryBytes ?? 0;
    room.pids += reserved.pids ?? 0;
  }
  return room;
};

/** Tasks of the request's service that are on a node beside the new one. */
export const tasksBeside = ({ serviceId, freed }: PlacementRequest, node: WorkingNode): number => {
  const count = node.tasksOfService.get(serviceId) ?? 0;
  if (freed.length === 0 || count === 0) return count;
  return Math.max(0, count - freed.filter(({ nodeId }) => nodeId === node.seen.id).length);
};

/** Takes from the node what a placed task will use. */
export const occupy = (node: WorkingNode, request: PlacementRequest, ports: Placed['ports']): void => {
  node.free.cpus -= request.reservations.cpus ?? 0;
  node.free.memoryBytes -= request.reservations.memoryBytes ?? 0;
  node.free.pids -= request.reservations.pids ?? 0;
  for (const { published, protocol, hostAddress } of ports)
    occupyPort(node.ports, { port: published, protocol, hostAddress });
  node.tasksOfService.set(request.serviceId, (node.tasksOfService.get(request.serviceId) ?? 0) + 1);
  node.taskCount += 1;
};
