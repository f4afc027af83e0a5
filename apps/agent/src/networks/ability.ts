import type { NodeFacts } from '@portreeve/domain';
import { PODMAN } from '../engine/engine.ts';
import { messageOf } from '../errors.ts';
import { filterRules } from './filters.ts';
import { run } from './run.ts';

const PROBE = 'vxprobe';

const PROGRAMS = [
  { program: 'ip', args: ['-V'], package: 'iproute2' },
  { program: 'bridge', args: ['-V'], package: 'iproute2' },
  { program: 'nft', args: ['-v'], package: 'nftables' },
] as const;

const missingProgram = async (): Promise<string | undefined> => {
  for (const one of PROGRAMS) {
    const there = await run(one.program, one.args).then(
      () => true,
      () => false,
    );
    if (!there) return `the program "${one.program}" is missing: install the package ${one.package}`;
  }
  return undefined;
};

const noTunnel = (): Promise<string | undefined> =>
  run('ip', ['link', 'add', PROBE, 'type', 'vxlan', 'id', '1', 'dstport', '4790']).then(
    () => run('ip', ['link', 'del', PROBE]).then(() => undefined),
    // A probe left behind by a kill says the same as one that succeeds.
    (error) =>
      messageOf(error).includes('File exists')
        ? undefined
        : `the kernel makes no VXLAN link: ${messageOf(error)}`,
  );

/** Loading the rules for nothing, without keeping them, asks the kernel for everything they need. */
const noFilter = (): Promise<string | undefined> => {
  const host = { nodeId: '', hostAddress: '', vxlanPort: 4790 };
  return run(
    'nft',
    ['-c', '-f', '-'],
    filterRules({ host, networks: [], tasks: [], leftovers: [], mark: 1 }),
  ).then(
    () => undefined,
    (error) => `the kernel takes no filters for networks: ${messageOf(error)}`,
  );
};

let proven = false;

/**
 * Whether this host can join networks across hosts, and if not, why, in words for the node's page. Asks by trying;
 * what once worked is not tried again.
 */
export const crossHostAbility = async (engine: {
  rootless: boolean;
  name: string;
}): Promise<NodeFacts['crossHostNetworks']> => {
  if (engine.rootless) return { able: false, reason: 'the engine is rootless' };
  // Gone with its last container, a bridge takes with it what was joined to it.
  if (engine.name === PODMAN)
    return { able: false, reason: 'Podman keeps a bridge only while containers are on it' };
  if (process.getuid?.() !== 0) return { able: false, reason: 'the agent does not run as root' };
  if (proven) return { able: true };
  const reason = (await missingProgram()) ?? (await noTunnel()) ?? (await noFilter());
  if (reason !== undefined) return { able: false, reason };
  proven = true;
  return { able: true };
};
