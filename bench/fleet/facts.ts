import { AGENT_FEATURES, type NodeFacts, type NodePressure } from '@portreeve/domain';

const GIB = 2 ** 30;

/** What simulated host `number` says of itself: an ordinary machine with an address of its own. */
export const factsOf = (number: number): NodeFacts => ({
  hostname: `host-${String(number).padStart(5, '0')}`,
  os: 'linux',
  osVersion: 'Debian GNU/Linux 12',
  kernel: '6.1.0',
  architecture: 'amd64',
  bootId: `boot-${number}`,
  agentVersion: '0.1.0',
  capacity: { cpus: 16, memoryBytes: 64 * GIB, pids: 30_000 },
  engine: {
    reachable: true,
    name: 'Docker Engine',
    version: '29.0.0',
    apiVersion: '1.52',
    imageStore: 'containerd',
    storageDriver: 'overlayfs',
    liveRestore: true,
    rootless: false,
    cgroupVersion: '2',
    labels: {},
  },
  addresses: [{ interface: 'eth0', address: `172.24.${number >> 8}.${number & 255}`, prefix: 16 }],
  routes: ['172.24.0.0/16'],
  crossHostNetworks: { able: true },
  features: Object.keys(AGENT_FEATURES),
  findings: [],
});

/** Its load now, as a real agent sends it with every beat. */
export const pressureNow = (): NodePressure => ({
  at: new Date().toISOString(),
  load1: 0.4,
  cpuUsed: 0.1,
  memoryUsedBytes: 8 * GIB,
  memoryTotalBytes: 64 * GIB,
  disks: [{ path: '/', usedBytes: 20 * GIB, totalBytes: 200 * GIB }],
});
