import { type MountSpec, type Permission, reachesEngine, type ServiceSpec } from '@portreeve/domain';
import { DEFAULT_CAPABILITIES } from './capabilities.ts';

/** A permission a spec needs, why, and where in the spec (`mounts[0]`). */
export type Privilege = { permission: Permission; because: string; path: string };

/**
 * Everything in a spec that reaches the host, as the permissions it needs; none for an ordinary service. Judges
 * the spec itself, so that create, update, undo and every other way to it are asked the same. A link on the host
 * that leads to the engine's socket is not seen here: the agent resolves paths before it mounts.
 */
export const privilegesOf = (spec: ServiceSpec): Privilege[] => [
  ...(spec.privileged
    ? [{ permission: 'host.privileged' as const, because: 'it runs privileged', path: 'privileged' }]
    : []),
  ...spec.mounts.flatMap(mountPrivileges),
  ...namespacePrivileges(spec),
  ...loggingPrivileges(spec),
  ...spec.devices.map(({ source }, index) => ({
    permission: 'host.devices' as const,
    because: `it uses the device ${source}`,
    path: `devices[${index}]`,
  })),
  ...memoryPrivileges(spec),
  ...spec.capAdd.flatMap(capabilityPrivilege),
  ...spec.securityOpt.flatMap(securityPrivilege),
  ...Object.keys(spec.sysctls).flatMap(sysctlPrivilege),
];

const mountPrivileges = (mount: MountSpec, index: number): Privilege[] => {
  if (mount.kind !== 'bind') return [];
  const path = `mounts[${index}]`;
  const bind: Privilege = {
    permission: 'host.bind-mount',
    because: `it mounts ${mount.source} of the host`,
    path,
  };
  if (!reachesEngine(mount.source)) return [bind];
  const because = `it mounts ${mount.source} of the host, through which the engine's socket is reached`;
  return [bind, { permission: 'host.engine-socket', because, path }];
};

const namespacePrivileges = (spec: ServiceSpec): Privilege[] =>
  (
    [
      ['networkMode', 'network', spec.networkMode],
      ['pid', 'process', spec.pid],
      ['ipc', 'IPC', spec.ipc],
    ] as const
  ).flatMap(([path, name, mode]) => {
    const permission = 'host.namespaces' as const;
    if (mode === 'host') return [{ permission, because: `it uses the host's ${name} namespace`, path }];
    // Whoever else is on that bridge of the host is reached there, and no filter of ours is in between.
    if (mode === 'bridge')
      return [{ permission, because: "it joins the engine's own bridge of its host", path }];
    return [];
  });

/** Drivers that keep a log on its host; every other one is a connection of the engine, from the host's network. */
const LOCAL_LOG_DRIVERS = new Set(['json-file', 'local', 'none', 'journald']);

const loggingPrivileges = ({ logging }: ServiceSpec): Privilege[] => {
  if (!logging || LOCAL_LOG_DRIVERS.has(logging.driver)) return [];
  const because = `its log driver ${logging.driver} connects from the host`;
  return [{ permission: 'host.namespaces', because, path: 'logging.driver' }];
};

/** What a process may not do for itself without CAP_SYS_RESOURCE: let the host end everything else before it. */
const memoryPrivileges = ({ oomScoreAdj = 0 }: ServiceSpec): Privilege[] =>
  oomScoreAdj >= 0
    ? []
    : [
        {
          permission: 'host.capabilities',
          because: `its oom_score_adj of ${oomScoreAdj} makes the host end others before it`,
          path: 'oomScoreAdj',
        },
      ];

const capabilityPrivilege = (name: string, index: number): Privilege[] => {
  const plain = name.toUpperCase().replace(/^CAP_/, '');
  if (DEFAULT_CAPABILITIES.has(plain)) return [];
  return [
    { permission: 'host.capabilities', because: `it adds the capability ${plain}`, path: `capAdd[${index}]` },
  ];
};

/** What holds anyway or takes rights away; every other option may loosen what separates container and host. */
const HARMLESS = new Set([
  'no-new-privileges',
  'no-new-privileges=true',
  'no-new-privileges:true',
  'seccomp=builtin',
  'apparmor=docker-default',
]);

const securityPrivilege = (option: string, index: number): Privilege[] =>
  HARMLESS.has(option)
    ? []
    : [{ permission: 'host.security-opt', because: `it sets ${option}`, path: `securityOpt[${index}]` }];

/** Parameters that Kubernetes calls safe: of the container alone, and no way to starve its neighbours. */
const SAFE_SYSCTLS = new Set([
  'kernel.shm_rmid_forced',
  'net.core.somaxconn',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_syncookies',
]);

const sysctlPrivilege = (name: string): Privilege[] =>
  SAFE_SYSCTLS.has(name)
    ? []
    : [
        {
          permission: 'host.sysctls',
          because: `it sets the kernel parameter ${name}`,
          path: `sysctls.${name}`,
        },
      ];
