import { existsSync } from 'node:fs';
import { AGENT_FEATURES, type HostPort, NodeFacts } from '@portreeve/domain';
import { engineMessage } from '../engine/call.ts';
import { type Engine, openEngine, PODMAN } from '../engine/engine.ts';
import { crossHostAbility } from '../networks/ability.ts';
import { AGENT_VERSION } from '../version.ts';
import { hostFacts } from './host.ts';
import { usedPorts } from './host-ports.ts';

type EngineFacts = NodeFacts['engine'];

/** What /info says, as far as we ask. */
type Info = {
  Driver?: string;
  DriverStatus?: [string, string][];
  LiveRestoreEnabled?: boolean;
  SecurityOptions?: string[];
  CgroupVersion?: string;
  CgroupDriver?: string;
  Labels?: string[];
  DockerRootDir?: string;
};

export type Facts = { facts: NodeFacts; engineRoot: string };

const DEFAULT_ROOT = '/var/lib/docker';

const labelsOf = (labels: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    labels.map((label) => {
      const at = label.indexOf('=');
      return at === -1 ? [label, ''] : [label.slice(0, at), label.slice(at + 1)];
    }),
  );

const usesContainerd = (info: Info): boolean =>
  info.DriverStatus?.some(
    ([key, value]) => key === 'driver-type' && value.includes('io.containerd.snapshotter'),
  ) ?? false;

const engineFacts = (engine: Engine, info: Info): EngineFacts => ({
  reachable: true,
  name: engine.version.name,
  version: engine.version.version,
  apiVersion: engine.version.api,
  imageStore: usesContainerd(info) ? 'containerd' : 'graphdriver',
  storageDriver: info.Driver ?? '',
  liveRestore: info.LiveRestoreEnabled ?? false,
  rootless: info.SecurityOptions?.some((option) => option.includes('rootless')) ?? false,
  cgroupVersion: info.CgroupVersion ?? '',
  labels: labelsOf(info.Labels ?? []),
});

/** There where systemd runs. */
const SYSTEMD = '/run/systemd/system';
const UNCHECKED: NodeFacts['findings'][number] = {
  code: 'podman-checks',
  message:
    'Podman leaves health checks to systemd, which does not run here: a task with a health check does not get ready on this host. Run systemd or Docker Engine, or write healthcheck: { disable: true }.',
};

const UNLIMITED: NodeFacts['findings'][number] = {
  code: 'no-cgroups',
  message:
    'The engine has no control groups: limits of CPU, memory and processes do not hold on this host, and what tasks use is not measured. Boot it with cgroup v2 and delegate its controllers to the user of the engine.',
};
const ROOTLESS: NodeFacts['findings'][number] = {
  code: 'live-restore-off',
  message: 'The engine is rootless: its restart stops all its containers.',
};
const NOT_RESTORED: NodeFacts['findings'][number] = {
  code: 'live-restore-off',
  message:
    'live-restore is off: a restart of the engine stops all its containers. Set "live-restore": true in /etc/docker/daemon.json and reload the engine.',
};

const findingsOf = (engine: EngineFacts, hasCgroups: boolean): NodeFacts['findings'] => {
  if (!engine.reachable)
    return [{ code: 'engine-away', message: `The engine does not answer: ${engine.error ?? ''}` }];
  const limits = hasCgroups ? [] : [UNLIMITED];
  if (engine.name === PODMAN) return existsSync(SYSTEMD) ? limits : [UNCHECKED, ...limits];
  if (engine.liveRestore) return limits;
  return [engine.rootless ? ROOTLESS : NOT_RESTORED, ...limits];
};

const askEngine = async (
  socketPath: string,
  engine: Engine | undefined,
): Promise<{ engine: EngineFacts; root: string; hasCgroups: boolean }> => {
  try {
    const open = engine ?? (await openEngine(socketPath));
    const ask = open.docker.info.bind(open.docker) as unknown as (options: object) => Promise<Info>;
    const info = await ask({ abortSignal: AbortSignal.timeout(10_000) });
    return {
      engine: engineFacts(open, info),
      root: info.DockerRootDir ?? DEFAULT_ROOT,
      hasCgroups: info.CgroupDriver !== 'none',
    };
  } catch (error) {
    const away = NodeFacts.shape.engine.parse({ reachable: false, error: engineMessage(error) });
    return { engine: away, root: DEFAULT_ROOT, hasCgroups: true };
  }
};

/** All that the server may know of this host; labels and project are not the host's to say (SPEC.md, J6). */
export const gatherFacts = async (
  socketPath: string,
  engine: Engine | undefined,
  assigned: readonly HostPort[],
): Promise<Facts> => {
  const [host, asked, ports] = await Promise.all([
    hostFacts(),
    askEngine(socketPath, engine),
    usedPorts(engine, assigned),
  ]);
  return {
    engineRoot: asked.root,
    facts: {
      ...host,
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      agentVersion: AGENT_VERSION,
      engine: asked.engine,
      usedPorts: ports,
      crossHostNetworks: await crossHostAbility(asked.engine),
      features: Object.keys(AGENT_FEATURES),
      findings: findingsOf(asked.engine, asked.hasCgroups),
    },
  };
};
