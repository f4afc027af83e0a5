import { randomUUID } from 'node:crypto';
import { keyTable, readCompose } from '@portreeve/compose';
import type { ServiceSpec } from '@portreeve/domain';
import { describe, expect, test } from 'vitest';
import { task } from '../../test/documents.ts';
import { createOptions } from './create-options.ts';

/** Keys that change what the engine is asked for, each as `section.key`, with a service that has it. */
const FOR_THE_ENGINE: Record<string, string> = {
  'service.command': 'command: [serve]',
  'service.entrypoint': 'entrypoint: [/start]',
  'service.environment': 'environment: { A: b }',
  'service.env_file': 'env_file: some.env',
  'service.extends': 'extends: { service: other }',
  'service.ports': 'ports: ["8080:80"]',
  'service.expose': 'expose: [3000]',
  'service.volumes': 'volumes: ["data:/data"]',
  'service.tmpfs': 'tmpfs: /scratch',
  'service.network_mode': 'network_mode: host',
  'service.healthcheck': 'healthcheck: { test: [CMD, "true"] }',
  'service.labels': 'labels: { a: b }',
  'service.read_only': 'read_only: true',
  'service.user': 'user: "1000"',
  'service.group_add': 'group_add: [video]',
  'service.working_dir': 'working_dir: /app',
  'service.hostname': 'hostname: web',
  'service.domainname': 'domainname: example',
  'service.init': 'init: true',
  'service.tty': 'tty: true',
  'service.stdin_open': 'stdin_open: true',
  'service.stop_signal': 'stop_signal: SIGINT',
  'service.stop_grace_period': 'stop_grace_period: 42s',
  'service.platform': 'platform: linux/arm64',
  'service.cap_add': 'cap_add: [SYS_TIME]',
  'service.cap_drop': 'cap_drop: [CHOWN]',
  'service.privileged': 'privileged: true',
  'service.devices': 'devices: [/dev/fuse]',
  'service.security_opt': 'security_opt: [no-new-privileges]',
  'service.sysctls': 'sysctls: { net.core.somaxconn: 10 }',
  'service.ulimits': 'ulimits: { nofile: 10 }',
  'service.shm_size': 'shm_size: 64m',
  'service.oom_score_adj': 'oom_score_adj: 10',
  'service.logging': 'logging: { driver: json-file }',
  'service.extra_hosts': 'extra_hosts: [db=10.0.0.5]',
  'service.dns': 'dns: 9.9.9.9',
  'service.dns_search': 'dns_search: example',
  'service.dns_opt': 'dns_opt: [ndots:1]',
  'service.pid': 'pid: host',
  'service.ipc': 'ipc: shareable',
  'service.cpus': 'cpus: 0.5',
  'service.mem_limit': 'mem_limit: 64m',
  'service.mem_reservation': 'mem_reservation: 64m',
  'service.pids_limit': 'pids_limit: 10',
  'extends.service': 'extends: { service: other }',
  'extends.file': 'extends: { service: elsewhere, file: more.yaml }',
  'env-file.path': 'env_file: [{ path: some.env }]',
  'env-file.format': 'env_file: [{ path: some.env, format: raw }]',
  'port.target': 'ports: [{ target: 81, published: 8080 }]',
  'port.published': 'ports: [{ target: 80, published: 8081 }]',
  'port.host_ip': 'ports: [{ target: 80, published: 8080, host_ip: 127.0.0.1 }]',
  'port.protocol': 'ports: [{ target: 80, published: 8080, protocol: udp }]',
  'mount.type': 'volumes: [{ type: tmpfs, target: /d }]',
  'mount.source': 'volumes: [{ type: bind, source: /srv, target: /d }]',
  'mount.target': 'volumes: [{ type: bind, source: /srv, target: /e }]',
  'mount.read_only': 'volumes: [{ type: bind, source: /srv, target: /d, read_only: true }]',
  'mount.bind': 'volumes: [{ type: bind, source: /srv, target: /d, bind: { propagation: shared } }]',
  'mount.volume': 'volumes: [{ type: volume, source: data, target: /d, volume: { nocopy: true } }]',
  'mount.tmpfs': 'volumes: [{ type: tmpfs, target: /d, tmpfs: { size: 1m } }]',
  'mount-bind.propagation':
    'volumes: [{ type: bind, source: /srv, target: /d, bind: { propagation: shared } }]',
  'mount-volume.nocopy': 'volumes: [{ type: volume, source: data, target: /d, volume: { nocopy: true } }]',
  'mount-tmpfs.size': 'volumes: [{ type: tmpfs, target: /d, tmpfs: { size: 1m } }]',
  'mount-tmpfs.mode': 'volumes: [{ type: tmpfs, target: /d, tmpfs: { mode: 0700 } }]',
  'healthcheck.test': 'healthcheck: { test: [CMD, "false"] }',
  'healthcheck.interval': 'healthcheck: { test: a, interval: 7s }',
  'healthcheck.timeout': 'healthcheck: { test: a, timeout: 7s }',
  'healthcheck.retries': 'healthcheck: { test: a, retries: 7 }',
  'healthcheck.start_period': 'healthcheck: { test: a, start_period: 7s }',
  'healthcheck.start_interval': 'healthcheck: { test: a, start_interval: 7s }',
  'healthcheck.disable': 'healthcheck: { disable: true }',
  'device.source': 'devices: [{ source: /dev/fuse, target: /dev/x, permissions: r }]',
  'device.target': 'devices: [{ source: /dev/fuse, target: /dev/y, permissions: r }]',
  'device.permissions': 'devices: [{ source: /dev/fuse, target: /dev/x, permissions: w }]',
  'ulimit.soft': 'ulimits: { nofile: { soft: 1, hard: 9 } }',
  'ulimit.hard': 'ulimits: { nofile: { soft: 2, hard: 8 } }',
  'logging.driver': 'logging: { driver: local }',
  'logging.options': 'logging: { driver: json-file, options: { max-size: 1m } }',
  'deploy.resources': 'deploy: { resources: { limits: { pids: 10 } } }',
  'resources.limits': 'deploy: { resources: { limits: { pids: 10 } } }',
  'resources.reservations': 'deploy: { resources: { reservations: { memory: 10m } } }',
  'limits.cpus': 'deploy: { resources: { limits: { cpus: 2 } } }',
  'limits.memory': 'deploy: { resources: { limits: { memory: 10m } } }',
  'limits.pids': 'deploy: { resources: { limits: { pids: 10 } } }',
  'reservations.memory': 'deploy: { resources: { reservations: { memory: 10m } } }',
};

/** Keys that the server or the agent itself acts on: they change the revision, and not what the engine is asked for. */
const FOR_US: Record<string, string> = {
  'service.image': 'image: other:2',
  'service.networks': 'networks: [back]',
  'service.depends_on': 'depends_on: [other]',
  'service.deploy': 'deploy: { mode: global }',
  'service.scale': 'scale: 3',
  'service.restart': 'restart: on-failure',
  'service.configs': 'configs: [c]',
  'service.secrets': 'secrets: [s]',
  'service.pull_policy': 'pull_policy: always',
  'service.profiles': 'profiles: [never]',
  'service.x-portreeve': 'x-portreeve: { strategy: binpack }',
  'mount-bind.create_host_path':
    'volumes: [{ type: bind, source: /srv, target: /d, bind: { create_host_path: false } }]',
  'service-network.aliases': 'networks: { default: { aliases: [x] } }',
  'dependency.condition': 'depends_on: { other: { condition: service_healthy } }',
  'dependency.required': 'depends_on: { other: { required: false } }',
  'dependency.restart': 'depends_on: { other: { restart: true } }',
  'grant.source': 'configs: [{ source: c }]',
  'grant.target': 'configs: [{ source: c, target: /e }]',
  'grant.uid': 'configs: [{ source: c, uid: "7" }]',
  'grant.gid': 'configs: [{ source: c, gid: "7" }]',
  'grant.mode': 'configs: [{ source: c, mode: 0400 }]',
  'x-portreeve.strategy': 'x-portreeve: { strategy: binpack }',
  'x-portreeve.gate_each_batch': 'x-portreeve: { gate_each_batch: true }',
  'deploy.mode': 'deploy: { mode: global }',
  'deploy.replicas': 'deploy: { replicas: 3 }',
  'deploy.labels': 'deploy: { labels: { a: b } }',
  'deploy.placement': 'deploy: { placement: { max_replicas_per_node: 1 } }',
  'deploy.restart_policy': 'deploy: { restart_policy: { condition: none } }',
  'deploy.update_config': 'deploy: { update_config: { parallelism: 2 } }',
  'deploy.rollback_config': 'deploy: { rollback_config: { parallelism: 2 } }',
  'placement.constraints': 'deploy: { placement: { constraints: [node.labels.a == b] } }',
  'placement.preferences': 'deploy: { placement: { preferences: [{ spread: node.labels.a }] } }',
  'placement.max_replicas_per_node': 'deploy: { placement: { max_replicas_per_node: 1 } }',
  'preference.spread': 'deploy: { placement: { preferences: [{ spread: node.labels.a }] } }',
  'reservations.cpus': 'deploy: { resources: { reservations: { cpus: 1 } } }',
  'reservations.pids': 'deploy: { resources: { reservations: { pids: 1 } } }',
  'restart-policy.condition': 'deploy: { restart_policy: { condition: none } }',
  'restart-policy.delay': 'deploy: { restart_policy: { delay: 7s } }',
  'restart-policy.max_attempts': 'deploy: { restart_policy: { max_attempts: 7 } }',
  'restart-policy.window': 'deploy: { restart_policy: { window: 7s } }',
  ...Object.fromEntries(
    ['update', 'rollback'].flatMap((kind) =>
      [
        ['parallelism', '7'],
        ['delay', '7s'],
        ['order', 'start-first'],
        ['monitor', '7s'],
        ['max_failure_ratio', '0.7'],
        ['failure_action', 'continue'],
      ].map(([key, value]) => [`${kind}-config.${key}`, `deploy: { ${kind}_config: { ${key}: ${value} } }`]),
    ),
  ),
};

/** Said by the key alone, with one value possible or with a value that says what holds anyway. */
const SAYS_WHAT_HOLDS = ['port.mode', 'env-file.required', 'deploy.endpoint_mode'];

const MORE = `
  other: { image: "other:1", command: [other] }
networks: { back: }
volumes: { data: }
configs: { c: { content: x } }
secrets: { s: { environment: S } }
`;

const read = (keys: string) => {
  const image = keys.startsWith('image:') ? '' : 'image: "web:1"';
  const own = [image, keys].filter((line) => line !== '').map((line) => `    ${line}\n`);
  const { application, diagnostics } = readCompose({
    files: new Map([
      ['compose.yaml', `services:\n  web:\n${own.join('')}${MORE}`],
      ['more.yaml', 'services: { elsewhere: { command: [elsewhere] } }'],
      ['some.env', 'A="b"\n'],
    ]),
    entry: 'compose.yaml',
    values: { S: 'x' },
  });
  if (!application) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return application.services.find(({ name }) => name === 'web');
};

const ids = { taskId: randomUUID(), serviceId: randomUUID(), stackId: randomUUID() };
const pin = {
  kind: 'digest',
  reference: 'web:1',
  registry: 'r.example',
  repository: 'web',
  digest: `sha256:${'a'.repeat(64)}`,
} as const;

/** What the engine is asked for, for a task of that service. */
const askedOf = (spec: ServiceSpec): string => {
  const assigned = task({
    pin,
    ...ids,
    projectId: ids.stackId,
    revisionId: ids.serviceId,
    containerName: 'web',
    spec,
    ports: spec.ports.map(({ target, published = 0, protocol, hostAddress }) => ({
      ...{ target, published, protocol },
      ...(hostAddress !== undefined && { hostAddress }),
    })),
    volumes: [
      { source: 'data', volumeId: ids.stackId, engineName: 'data', driver: 'local', driverOptions: {} },
    ],
  });
  return JSON.stringify(
    createOptions(assigned, {
      node: { clusterId: ids.stackId, nodeId: ids.serviceId },
      ...{ attempt: 1, containerName: 'web', files: [], manyNetworks: true },
      attachment: { endpoints: [{ network: 'n1', config: {} }], dnsServers: [] },
    }),
  );
};

/** The same with another value of the key, or without it: what a key that counts must differ from. */
const NEIGHBOURS: Record<string, string> = {
  'env-file.format': 'env_file: [{ path: some.env }]',
  ...Object.fromEntries(
    ['target', 'published', 'host_ip', 'protocol'].map((key) => [
      `port.${key}`,
      'ports: [{ target: 80, published: 8080 }]',
    ]),
  ),
  ...Object.fromEntries(
    ['mount.source', 'mount.target', 'mount.read_only', 'mount.bind', 'mount-bind.propagation'].map((key) => [
      key,
      key === 'mount.source'
        ? 'volumes: [{ type: bind, source: /opt, target: /d }]'
        : 'volumes: [{ type: bind, source: /srv, target: /d }]',
    ]),
  ),
  ...Object.fromEntries(
    ['mount.volume', 'mount-volume.nocopy'].map((key) => [
      key,
      'volumes: [{ type: volume, source: data, target: /d }]',
    ]),
  ),
  ...Object.fromEntries(
    ['mount.type', 'mount.tmpfs', 'mount-tmpfs.size', 'mount-tmpfs.mode'].map((key) => [
      key,
      key === 'mount.type'
        ? 'volumes: [{ type: volume, target: /d }]'
        : 'volumes: [{ type: tmpfs, target: /d }]',
    ]),
  ),
  ...Object.fromEntries(
    ['interval', 'timeout', 'retries', 'start_period', 'start_interval'].map((key) => [
      `healthcheck.${key}`,
      'healthcheck: { test: a }',
    ]),
  ),
  ...Object.fromEntries(
    ['source', 'target', 'permissions'].map((key) => [
      `device.${key}`,
      key === 'source'
        ? 'devices: [{ source: /dev/null, target: /dev/x, permissions: r }]'
        : 'devices: [{ source: /dev/fuse, target: /dev/x, permissions: r }]',
    ]),
  ),
  'ulimit.soft': 'ulimits: { nofile: { soft: 2, hard: 9 } }',
  'ulimit.hard': 'ulimits: { nofile: { soft: 2, hard: 9 } }',
  'logging.driver': 'logging: { driver: json-file }',
  'logging.options': 'logging: { driver: json-file }',
  'mount-bind.create_host_path': 'volumes: [{ type: bind, source: /srv, target: /d }]',
  'dependency.condition': 'depends_on: [other]',
  'dependency.required': 'depends_on: [other]',
  'dependency.restart': 'depends_on: [other]',
  ...Object.fromEntries(
    ['target', 'uid', 'gid', 'mode'].map((key) => [`grant.${key}`, 'configs: [{ source: c }]']),
  ),
};

const serviceOf = (keys: string) => {
  const service = read(keys);
  if (!service) throw new Error('There is no service.');
  return service;
};

describe('no key of a service is ignored in silence', () => {
  test('every key that the table honours stands in one of the lists here', () => {
    const honoured = Object.entries(keyTable).flatMap(([section, { path, keys }]) =>
      path.startsWith('services.')
        ? Object.entries(keys).flatMap(([key, rule]) => ('does' in rule ? [`${section}.${key}`] : []))
        : [],
    );
    const listed = [...Object.keys(FOR_THE_ENGINE), ...Object.keys(FOR_US), ...SAYS_WHAT_HOLDS];
    expect(listed.sort()).toEqual(honoured.sort());
  });

  test.each(Object.entries(FOR_THE_ENGINE))('%s changes what the engine is asked for', (key, keys) => {
    const without = serviceOf(NEIGHBOURS[key] ?? '').spec;
    expect(askedOf(serviceOf(keys).spec)).not.toBe(askedOf(without));
  });

  test.each(Object.entries(FOR_US))('%s changes the service or whether it is there', (key, keys) => {
    expect(JSON.stringify(read(keys))).not.toBe(JSON.stringify(read(NEIGHBOURS[key] ?? '')));
  });
});
