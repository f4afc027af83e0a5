import type { ComposeApplication } from '@portreeve/compose';
import type { BundleFile } from '@portreeve/contract';
import type { ClusterKeys } from '../platform/keys/cluster-key.ts';
import { contentsOf } from './bundle-content.ts';

/** The files of a stack version, and the paths of those that secrets are made of. */
export type VersionFiles = { files: Record<string, BundleFile>; secret: string[] };
type Row = { id: string; entry: string; files: unknown; sealedFiles: string | null };

const contextOf = (versionId: string): string => `stack-version-files:${versionId}`;

/** Files hold what containers get, passwords among it: sealed under the version they belong to. */
export const sealFiles = (keys: ClusterKeys, versionId: string, files: VersionFiles): string =>
  keys.seal(JSON.stringify(files), contextOf(versionId));

/** Of a version from before files were sealed nobody noted what is secret: all but the Compose file may be. */
export const openFiles = (keys: ClusterKeys, { id, entry, files, sealedFiles }: Row): VersionFiles => {
  if (sealedFiles !== null) return JSON.parse(keys.unseal(sealedFiles, contextOf(id))) as VersionFiles;
  const open = files as Record<string, string>;
  return { files: open, secret: Object.keys(open).filter((path) => path !== entry) };
};

type Unseen = { path: string; bytes: number; why: 'secret' | 'binary' };

/** What of the files is given out: text that no secret is made of. The rest is named with its size. */
export const shownFiles = ({
  files,
  secret,
}: VersionFiles): {
  files: Record<string, string>;
  unseen: Unseen[];
} => {
  const shown: Record<string, string> = {};
  const unseen: Unseen[] = [];
  for (const [path, content] of contentsOf(files)) {
    const isSecret = secret.includes(path);
    if (typeof content === 'string' && !isSecret) shown[path] = content;
    else unseen.push({ path, bytes: Buffer.byteLength(content), why: isSecret ? 'secret' : 'binary' });
  }
  return { files: shown, unseen };
};

/** The files that secrets are made of. The Compose file itself is none, whatever it says: it has to be shown. */
export const secretPaths = ({ secrets }: ComposeApplication, entry: string): string[] =>
  secrets.flatMap(({ file }) => (file === undefined || file === entry ? [] : [file]));
