import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RegistryAccess } from '@portreeve/agent-protocol';
import { isWithin } from '@portreeve/domain';
import type { AuthConfig } from 'dockerode';

const CERTS_DIR = '/etc/docker/certs.d';
const VALID = /^[A-Za-z0-9.-]+(:\d+)?$|^\[[0-9a-fA-F:]+\](:\d+)?$/;

/** Shows the engine the CA of a registry; nothing else of the engine's configuration is ours to touch. */
export const trustRegistries = async (registries: readonly RegistryAccess[]): Promise<void> => {
  for (const { registry, caPem } of registries) {
    if (!caPem || !VALID.test(registry)) continue;
    const folder = join(CERTS_DIR, registry);
    const path = join(folder, 'ca.crt');
    const present = await readFile(path, 'utf8').catch(() => undefined);
    if (present === caPem) continue;
    await mkdir(folder, { recursive: true });
    await writeFile(path, caPem, { mode: 0o644 });
  }
};

/**
 * Credentials for one pull, the ones of the project nearest to the task's and never another project's; they travel in
 * its header and are kept nowhere.
 */
export const authFor = (
  registries: readonly RegistryAccess[],
  registry: string,
  project: string,
): AuthConfig | undefined => {
  const [access] = registries
    .filter((one) => one.registry === registry && isWithin(project, one.projectPath))
    .sort((a, b) => b.projectPath.length - a.projectPath.length);
  if (access?.username === undefined || access.password === undefined) return undefined;
  return { username: access.username, password: access.password, serveraddress: registry } as AuthConfig;
};
