import { type ComposeApplication, readCompose } from '@portreeve/compose';
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
/** The application that a stack version says, read again; undefined when today's rules no longer take it. */
export type StackFiles = (version: StoredVersion) => ComposeApplication | undefined;

/** Values given with a request may be secrets: sealed under the version they belong to. */
export const valuesContext = (versionId: string): string => `stack-version:${versionId}`;

/** Versions never change, so each is read once. */
export const createStackFiles = (keys: ClusterKeys): StackFiles => {
  const known = new LRUCache<string, { application?: ComposeApplication }>({ max: 500 });
  return (version) => {
    const found = known.get(version.id);
    if (found) return found.application;
    const values = JSON.parse(keys.unseal(version.sealedValues, valuesContext(version.id))) as Record<
      string,
      string
    >;
    const { application } = readCompose({
      files: contentsOf(openFiles(keys, version).files),
      entry: version.entry,
      values,
      profiles: version.profiles,
    });
    known.set(version.id, application ? { application } : {});
    return application;
  };
};
