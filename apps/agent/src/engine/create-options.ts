import type { AssignedTask } from '@portreeve/agent-protocol';
import type { ImagePin, ServiceSpec } from '@portreeve/domain';
import type { ContainerCreateOptions, HostConfig } from 'dockerode';
import { mountsOf, type TaskFile } from './mounts.ts';
import type { Attachment } from './network-port.ts';
import { LABEL } from './seen.ts';

const NANO = 1_000_000;

/** What a container is made from besides its task. */
export type Surroundings = {
  node: { clusterId: string; nodeId: string };
  attempt: number;
  containerName: string;
  attachment: Attachment;
  /** Contents of configs and secrets, already on the memory file system. */
  files: TaskFile[];
  /** API 1.44: several networks, each with its MAC, at creation. */
  manyNetworks: boolean;
};

/** The reference the engine is told: by digest, or the id of an image that exists only here (SPEC.md, T7). */
export const imageReference = (pin: ImagePin): string =>
  pin.kind === 'local' ? pin.imageId : `${pin.registry}/${pin.repository}@${pin.digest}`;

const healthOf = (spec: ServiceSpec): ContainerCreateOptions['Healthcheck'] => {
  const check = spec.healthcheck;
  if (!check) return undefined;
  return {
    Test: check.test,
    Interval: check.intervalMs * NANO,
    Timeout: check.timeoutMs * NANO,
    StartPeriod: check.startPeriodMs * NANO,
    Retries: check.retries,
    ...(check.startIntervalMs === undefined ? {} : { StartInterval: check.startIntervalMs * NANO }),
  } as ContainerCreateOptions['Healthcheck'];
};

const labelsOf = (task: AssignedTask, around: Surroundings): Record<string, string> => ({
  ...task.spec.labels,
  [LABEL.task]: task.taskId,
  [LABEL.attempt]: String(around.attempt),
  [LABEL.service]: task.serviceId,
  [LABEL.stack]: task.stackId,
  [LABEL.project]: task.projectId,
  [LABEL.revision]: task.revisionId,
  [LABEL.node]: around.node.nodeId,
  [LABEL.cluster]: around.node.clusterId,
  [LABEL.names]: `${task.names.project} ${task.names.stack} ${task.names.service} ${task.slot}`,
});

const portKey = (port: { target: number; protocol: string }): string => `${port.target}/${port.protocol}`;

const portBindings = (task: AssignedTask): HostConfig['PortBindings'] => {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of task.ports) {
    const binding = { HostIp: port.hostAddress ?? '', HostPort: String(port.published) };
    bindings[portKey(port)] = [...(bindings[portKey(port)] ?? []), binding];
  }
  return bindings;
};

const exposedPorts = (task: AssignedTask): Record<string, object> => {
  const exposed = task.spec.expose.map((port) => (port.includes('/') ? port : `${port}/tcp`));
  return Object.fromEntries([...exposed, ...task.ports.map(portKey)].map((key) => [key, {}]));
};

const networkMode = (task: AssignedTask, attachment: Attachment): string => {
  if (task.spec.networkMode !== 'stack') return task.spec.networkMode;
  return attachment.endpoints[0]?.network ?? 'bridge';
};

const limits = (spec: ServiceSpec): Partial<HostConfig> => ({
  NanoCpus: spec.limits.cpus === undefined ? undefined : Math.round(spec.limits.cpus * 1e9),
  Memory: spec.limits.memoryBytes,
  PidsLimit: spec.limits.pids,
  MemoryReservation: spec.reservations.memoryBytes,
  ShmSize: spec.shmBytes,
  OomScoreAdj: spec.oomScoreAdj,
  Ulimits: Object.entries(spec.ulimits).map(([Name, { soft, hard }]) => ({ Name, Soft: soft, Hard: hard })),
});

/**
 * On the host's own network raw packets leave under the host's address, into other stacks' networks too: only who asks
 * for that right by its name has it there.
 */
const capDrop = (spec: ServiceSpec): string[] => {
  const asked = spec.capAdd.some((one) => /^(CAP_)?(NET_RAW|NET_ADMIN|ALL)$/i.test(one));
  const raw = spec.networkMode !== 'host' || spec.privileged || asked;
  return raw ? spec.capDrop : [...new Set([...spec.capDrop, 'NET_RAW'])];
};

const hostConfig = (task: AssignedTask, around: Surroundings): HostConfig => {
  const { spec } = task;
  const servers = [...around.attachment.dnsServers, ...spec.dns.servers];
  return {
    ...limits(spec),
    NetworkMode: networkMode(task, around.attachment),
    PortBindings: portBindings(task),
    // Only the agent starts containers: two who restart one would fight.
    RestartPolicy: { Name: 'no' },
    Mounts: mountsOf(task, around.files, around.attachment.resolvConf),
    Init: spec.init,
    ReadonlyRootfs: spec.readOnly,
    CapAdd: spec.capAdd,
    CapDrop: capDrop(spec),
    Privileged: spec.privileged,
    Devices: spec.devices.map((device) => ({
      PathOnHost: device.source,
      PathInContainer: device.target,
      CgroupPermissions: device.permissions,
    })),
    SecurityOpt: spec.securityOpt,
    Sysctls: spec.sysctls,
    GroupAdd: spec.groupAdd,
    ExtraHosts: spec.extraHosts.map((one) => `${one.host}:${one.address}`),
    Dns: servers.length > 0 ? servers : undefined,
    DnsSearch: spec.dns.search,
    DnsOptions: spec.dns.options,
    PidMode: spec.pid === 'host' ? 'host' : '',
    IpcMode: spec.ipc,
    LogConfig: spec.logging ? { Type: spec.logging.driver, Config: spec.logging.options } : undefined,
  };
};

/** The first network only on older engines, where the others are connected between create and start. */
const networking = (task: AssignedTask, around: Surroundings): Partial<ContainerCreateOptions> => {
  const [first] = around.attachment.endpoints;
  if (task.spec.networkMode !== 'stack' || !first) return {};
  if (around.manyNetworks) {
    const all = around.attachment.endpoints.map(({ network, config }) => [network, config]);
    return { NetworkingConfig: { EndpointsConfig: Object.fromEntries(all) } };
  }
  const { MacAddress, ...config } = first.config;
  return {
    MacAddress,
    NetworkingConfig: { EndpointsConfig: { [first.network]: config } },
  } as Partial<ContainerCreateOptions>;
};

/** Everything a service asks for, in the engine's words. Restart policy is always `no`. */
export const createOptions = (task: AssignedTask, around: Surroundings): ContainerCreateOptions => {
  const { spec } = task;
  return {
    name: around.containerName,
    platform: spec.platform,
    Image: imageReference(task.pin),
    Entrypoint: spec.entrypoint,
    Cmd: spec.command,
    Env: Object.entries(spec.environment).map(([key, value]) => `${key}=${value}`),
    WorkingDir: spec.workingDir,
    User: spec.user,
    Hostname: spec.hostname,
    Domainname: spec.domainname,
    Tty: spec.tty,
    OpenStdin: spec.stdinOpen,
    StopSignal: spec.stopSignal,
    StopTimeout: Math.ceil(spec.stopGraceMs / 1000),
    Healthcheck: healthOf(spec),
    ExposedPorts: exposedPorts(task),
    Labels: labelsOf(task, around),
    HostConfig: hostConfig(task, around),
    ...networking(task, around),
  };
};
