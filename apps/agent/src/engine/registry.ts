import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RegistryAccess } from '@portreeve/agent-protocol';
import { isWithin } from '@portreeve/domain';
import type { AuthConfig } from 'dockerode';

const CERTS_DIR = '/etc/docker/certs.d';
const VALID = /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(:\d+)?$|^\[[0-9a-fA-F:]+\](:\d+)?$/;

/** A name of our own: what whoever runs the host put beside it is not ours to change, and ours goes with its setting. */
const OURS = 'portreeve.crt';

const forget = async (folder: string): Promise<void> => {
  await rm(join(folder, OURS), { force: true });
  await rmdir(folder).catch(() => undefined);
};

/**
 * Shows the engine the CAs of these registries and of no others; nothing else of the engine's configuration is ours
 * to touch. A registry whose CA was taken out of the settings is no longer trusted by it.
 */
export const trustRegistries = async (
  registries: readonly RegistryAccess[],
  certsDir = CERTS_DIR,
): Promise<void> => {
  const wanted = new Map(
    registries.flatMap(({ registry, caPem }) => (caPem && VALID.test(registry) ? [[registry, caPem]] : [])),
  );
  for (const name of await readdir(certsDir).catch(() => []))
    if (!wanted.has(name) && existsSync(join(certsDir, name, OURS))) await forget(join(certsDir, name));
  for (const [registry, caPem] of wanted) {
    const path = join(certsDir, registry, OURS);
    const present = await readFile(path, 'utf8').catch(() => undefined);
    if (present === caPem) continue;
    await mkdir(join(certsDir, registry), { recursive: true });
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
