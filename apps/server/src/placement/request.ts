import { featuresNeededBy, type HostPort, type ImagePin, type ServiceSpec } from '@portreeve/domain';
import type { Freed, PlacementRequest } from '@portreeve/planning';
import type { TaskPort } from '../stacks/rows.ts';

export type RequestFacts = {
  taskId: string;
  service: { id: string; name: string; projectPath: string };
  slot: number;
  spec: ServiceSpec;
  pin: ImagePin | undefined;
  /** Volumes of the spec that are on a node already. */
  volumes: { name: string; nodeId: string }[];
  onlyNodeId?: string | undefined;
  avoidNodeIds: string[];
  freed: PlacementRequest['freed'];
  /** More than one host may come to hold tasks of its networks. */
  manyNodes: boolean;
};

/** Ports that tasks hold, as ports of their host. */
export const hostPorts = (ports: readonly TaskPort[]): HostPort[] =>
  ports.map(({ published, protocol, hostAddress }) => ({
    port: published,
    protocol,
    ...(hostAddress && { hostAddress }),
  }));

/** What the file says goes before what the image is made for. */
const platformsOf = (spec: ServiceSpec, pin: ImagePin | undefined): PlacementRequest['platforms'] => {
  const named = spec.platform === undefined ? undefined : [spec.platform];
  return (named ?? (pin?.kind === 'digest' ? pin.platforms : undefined))?.map((platform) => {
    const [os = 'linux', architecture] = platform.split('/');
    return { os, ...(architecture && { architecture }) };
  });
};

/** The room that a task makes once it is over. */
export const freedBy = (task: {
  nodeId: string;
  reservations: Freed['reserved'];
  ports: TaskPort[];
}): Freed => ({
  nodeId: task.nodeId,
  reserved: task.reservations,
  ports: hostPorts(task.ports),
});

/** What placement must know of a new task. */
export const placementRequest = (facts: RequestFacts): PlacementRequest => {
  const { spec, pin } = facts;
  const platforms = platformsOf(spec, pin);
  return {
    taskId: facts.taskId,
    serviceId: facts.service.id,
    serviceName: facts.service.name,
    slot: facts.slot,
    projectPath: facts.service.projectPath,
    constraints: spec.constraints,
    spreadOver: spec.spreadOver,
    strategy: spec.strategy,
    ...(spec.maxPerNode !== undefined && { maxPerNode: spec.maxPerNode }),
    reservations: spec.reservations,
    ...(platforms && { platforms }),
    ports: spec.ports.flatMap(({ target, published, publishedTo, protocol, hostAddress }) =>
      published === undefined
        ? []
        : [
            {
              target,
              from: published,
              to: publishedTo ?? published,
              protocol,
              ...(hostAddress && { hostAddress }),
            },
          ],
    ),
    volumes: facts.volumes,
    ...(pin?.kind === 'local' && { pinnedNodeId: pin.nodeId }),
    ...(pin && { imageKey: pin.kind === 'local' ? pin.imageId : pin.digest }),
    needsCrossHostNetwork: facts.manyNodes && spec.networkMode === 'stack' && spec.networks.length > 0,
    needsFeatures: featuresNeededBy(spec),
    ...(facts.onlyNodeId && { onlyNodeId: facts.onlyNodeId }),
    avoidNodeIds: facts.avoidNodeIds,
    freed: facts.freed,
  };
};
