import type { AssignedFile, AssignedNetwork, AssignedTask, DesiredDocument } from '@portreeve/agent-protocol';
import type { Availability, FileGrant, ImagePin, ServiceSpec } from '@portreeve/domain';
import { featuresNeededBy, isWithin, unknownTo } from '@portreeve/domain';
import type { FilePin, TaskNetwork, TaskPort, TaskVolume } from '../stacks/rows.ts';

/** The engine's bridges and tunnels: 1500 less the 50 bytes that VXLAN puts around each packet. */
const NETWORK_MTU = 1450;
export const VXLAN_PORT = 4790;

export type RevisionRow = {
  id: string;
  number: number;
  /** Complete, with its environment unsealed. */
  spec: ServiceSpec;
  pin: ImagePin;
  filePins: FilePin[];
};
export type DesiredTaskRow = {
  id: string;
  slot: number;
  desired: 'running' | 'stopped';
  hold: boolean;
  replacesContainer: string | null;
  service: { id: string; name: string };
  stack: { id: string; name: string };
  project: { id: string; path: string };
  revisionId: string;
  networks: TaskNetwork[];
  ports: TaskPort[];
  volumes: TaskVolume[];
};
type NetworkRow = {
  id: string;
  name: string;
  stackName: string;
  vni: number;
  subnet: string;
  internal: boolean;
};
type GatewayRow = { networkId: string; nodeId: string; address: string; mac: string };
type MemberRow = {
  taskId: string;
  nodeId: string;
  service: string;
  stack: string;
  networks: TaskNetwork[];
};
export type RegistryRow = {
  host: string;
  projectPath: string;
  username: string | null;
  password: string | null;
  caPem: string | null;
  plainHttp: boolean;
};

/** Everything a node's document is made of, as rows. */
export type DesiredRows = {
  clusterId: string;
  epoch: number;
  node: {
    id: string;
    generation: number;
    availability: Availability;
    hostAddress: string;
    crossHost: boolean;
    features: readonly string[];
  };
  tasks: DesiredTaskRow[];
  revisions: ReadonlyMap<string, RevisionRow>;
  /** Contents by `<object id>/<version>`, base64. */
  files: ReadonlyMap<string, string>;
  volumes: ReadonlyMap<string, { engineName: string; driver: string; driverOptions: Record<string, string> }>;
  networks: NetworkRow[];
  gateways: GatewayRow[];
  members: MemberRow[];
  hostAddresses: ReadonlyMap<string, string>;
  registries: RegistryRow[];
  keepImages: string[];
};

export const fileKey = (objectId: string, version: number): string => `${objectId}/${version}`;

const filesOf = (rows: DesiredRows, revision: RevisionRow, kind: 'config' | 'secret'): AssignedFile[] => {
  const grants: FileGrant[] = kind === 'config' ? revision.spec.configs : revision.spec.secrets;
  return grants.flatMap((grant) => {
    const pin = revision.filePins.find((one) => one.kind === kind && one.source === grant.source);
    const contentBase64 = pin && rows.files.get(fileKey(pin.objectId, pin.version));
    if (!pin || contentBase64 === undefined) return [];
    const { target, uid, gid, mode } = grant;
    return [{ objectId: pin.objectId, version: pin.version, target, uid, gid, mode, contentBase64 }];
  });
};

/** `<stack>-<service>-<slot>-<end of the task's id>`: readable at the engine, and never twice. */
const containerName = (task: DesiredTaskRow): string =>
  `pr-${task.stack.name}-${task.service.name}-${task.slot}-${task.id.slice(-6)}`;

const assignedTask = (rows: DesiredRows, task: DesiredTaskRow): AssignedTask[] => {
  const revision = rows.revisions.get(task.revisionId);
  if (!revision) return [];
  // An agent that went back to an older one; placement asks before (SPEC.md, V3).
  if (unknownTo(rows.node.features, featuresNeededBy(revision.spec)) !== undefined) return [];
  return [
    {
      taskId: task.id,
      serviceId: task.service.id,
      stackId: task.stack.id,
      projectId: task.project.id,
      revisionId: revision.id,
      revisionNumber: revision.number,
      names: { project: task.project.path, stack: task.stack.name, service: task.service.name },
      slot: task.slot,
      desired: task.desired,
      hold: task.hold,
      spec: revision.spec,
      // Where it may run was decided when it was placed.
      pin: revision.pin.kind === 'digest' ? { ...revision.pin, platforms: undefined } : revision.pin,
      containerName: containerName(task),
      volumes: task.volumes.flatMap(({ source, volumeId }) => {
        const volume = rows.volumes.get(volumeId);
        return volume ? [{ source, volumeId, ...volume }] : [];
      }),
      networks: task.networks,
      ports: task.ports,
      configs: filesOf(rows, revision, 'config'),
      secrets: filesOf(rows, revision, 'secret'),
      replacesContainer: task.replacesContainer ?? undefined,
    },
  ];
};

const assignedNetwork = (rows: DesiredRows, network: NetworkRow): AssignedNetwork[] => {
  const gateways = rows.gateways.filter((gateway) => gateway.networkId === network.id);
  const own = gateways.find((gateway) => gateway.nodeId === rows.node.id);
  if (!own) return [];
  const members = rows.members.flatMap((member) => {
    const end = member.networks.find((one) => one.networkId === network.id);
    if (!end) return [];
    return {
      taskId: member.taskId,
      nodeId: member.nodeId,
      hostAddress: rows.hostAddresses.get(member.nodeId) ?? '',
      address: end.address,
      mac: end.mac,
      names: [...new Set([member.service, `${member.service}.${member.stack}`, ...end.aliases])],
    };
  });
  const peerIds = new Set(members.map((member) => member.nodeId).filter((id) => id !== rows.node.id));
  return [
    {
      networkId: network.id,
      name: network.name,
      stack: network.stackName,
      vni: network.vni,
      subnet: network.subnet,
      gateway: own.address,
      gatewayMac: own.mac,
      internal: network.internal,
      mtu: NETWORK_MTU,
      crossHost: rows.node.crossHost,
      peers: gateways
        .filter((gateway) => peerIds.has(gateway.nodeId))
        .map(({ nodeId, address, mac }) => ({
          nodeId,
          hostAddress: rows.hostAddresses.get(nodeId) ?? '',
          gateway: address,
          gatewayMac: mac,
        })),
      members,
    },
  ];
};

/** Credentials that the projects of these tasks may use, for the registries their images come from; the nearest project's win. */
const registriesOf = (rows: DesiredRows): DesiredDocument['registries'] => {
  const found = new Map<string, RegistryRow>();
  for (const task of rows.tasks) {
    const pin = rows.revisions.get(task.revisionId)?.pin;
    if (pin?.kind !== 'digest') continue;
    const [nearest] = rows.registries
      .filter((one) => one.host === pin.registry && isWithin(task.project.path, one.projectPath))
      .sort((a, b) => b.projectPath.length - a.projectPath.length);
    if (nearest) found.set(`${nearest.host} ${nearest.projectPath}`, nearest);
  }
  return [...found.values()].map(({ host, projectPath, username, password, caPem, plainHttp }) => ({
    registry: host,
    projectPath,
    username: username ?? undefined,
    password: password ?? undefined,
    caPem: caPem ?? undefined,
    plainHttp,
  }));
};

/** The one document that says everything the node should do (SPEC.md, D1–D4). Pure. */
export const buildDesired = (rows: DesiredRows, now: Date): DesiredDocument => ({
  clusterId: rows.clusterId,
  nodeId: rows.node.id,
  epoch: rows.epoch,
  generation: rows.node.generation,
  issuedAt: now.toISOString(),
  availability: rows.node.availability,
  hostAddress: rows.node.hostAddress,
  vxlanPort: VXLAN_PORT,
  tasks: rows.tasks.flatMap((task) => assignedTask(rows, task)),
  networks: rows.networks.flatMap((network) => assignedNetwork(rows, network)),
  registries: registriesOf(rows),
  keepImages: rows.keepImages,
});
