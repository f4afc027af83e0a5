import type { ImagePin, ServiceSpec } from '@portreeve/domain';
import type { PlacementRequest } from '@portreeve/planning';

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
  freedPorts: PlacementRequest['freedPorts'];
  /** More than one host may come to hold tasks of its networks. */
  manyNodes: boolean;
};

const platformOf = (platform: string | undefined): PlacementRequest['platform'] => {
  if (platform === undefined) return undefined;
  const [os = 'linux', architecture] = platform.split('/');
  return { os, ...(architecture && { architecture }) };
};

/** What placement must know of a new task. */
export const placementRequest = (facts: RequestFacts): PlacementRequest => {
  const { spec, pin } = facts;
  const platform = platformOf(spec.platform);
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
    ...(platform && { platform }),
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
    ...(facts.onlyNodeId && { onlyNodeId: facts.onlyNodeId }),
    avoidNodeIds: facts.avoidNodeIds,
    freedPorts: facts.freedPorts,
  };
};
