import type { Daemon } from './daemon.ts';
import { makeMachine } from './machine.ts';
import type { LabRecord, MachineRecord } from './state.ts';
import type { LabRegistry } from './types.ts';

const PORT = 5000;
const CONFIG = '/etc/lab-registry.yml';

const CONFIG_TEXT = `version: 0.1
log: { level: warn, accesslog: { disabled: true } }
storage: { filesystem: { rootdirectory: /var/lib/registry }, delete: { enabled: true } }
http: { addr: ":${PORT}" }
`;

/** Where a registry on that machine listens. */
export function registryAddress(machine: MachineRecord): string {
  return `${machine.address}:${PORT}`;
}

/** The lab's registry on its machine, which may still be off. */
export function makeRegistry(lab: LabRecord, record: MachineRecord): LabRegistry {
  const address = registryAddress(record);
  const { machine, daemon } = makeMachine(lab, record, registryDaemon(address));
  return { ...daemon, machine, address, imageRef: (name, tag) => `${address}/${name}:${tag}` };
}

function registryDaemon(address: string): Daemon {
  return {
    argv: [
      'sh',
      '-c',
      `[ -e ${CONFIG} ] || printf %s '${CONFIG_TEXT}' > ${CONFIG}; exec docker-registry serve ${CONFIG}`,
    ],
    env: {},
    logFile: '/var/log/registry.log',
    isReady: async () => (await fetch(`http://${address}/v2/`, { signal: AbortSignal.timeout(2000) })).ok,
  };
}
