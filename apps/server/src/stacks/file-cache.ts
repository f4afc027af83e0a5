import { type ComposeApplication, type ComposeService, readCompose } from '@portreeve/compose';
import { LRUCache } from 'lru-cache';
import type { ClusterKeys } from '../platform/keys/cluster-key.ts';
import { contentsOf } from './bundle-content.ts';
import { openFiles } from './version-files.ts';

export type StoredVersion = {
  id: string;
  entry: string;
  files: unknown;
  sealedFiles: string | null;
  sealedValues: string;
  profiles: string[];
};

/** Values given with a request may be secrets: sealed under the version they belong to. */
export const valuesContext = (versionId: string): string => `stack-version:${versionId}`;

/** The application that a stack version says, read again; undefined when today's rules no longer take it. */
export const readVersion = (keys: ClusterKeys, version: StoredVersion): ComposeApplication | undefined => {
  const values = keys.unseal(version.sealedValues, valuesContext(version.id));
  return readCompose({
    files: contentsOf(openFiles(keys, version).files),
    entry: version.entry,
    values: JSON.parse(values) as Record<string, string>,
    profiles: version.profiles,
  }).application;
};

/** The services that a stack version says, by its id; undefined when today's rules no longer take it. */
export type StackFiles = (versionId: string) => Promise<ComposeService[] | undefined>;

/** Versions never change, so each is loaded and read once. Of what it says only the services are kept in memory. */
export const createStackFiles = (
  keys: ClusterKeys,
  load: (versionId: string) => Promise<StoredVersion | null>,
): StackFiles => {
  const known = new LRUCache<string, { services?: ComposeService[] }>({ max: 10_000 });
  return async (versionId) => {
    const found = known.get(versionId);
    if (found) return found.services;
    const version = await load(versionId);
    const application = version && readVersion(keys, version);
    known.set(versionId, application ? { services: application.services } : {});
    return application?.services;
  };
};
