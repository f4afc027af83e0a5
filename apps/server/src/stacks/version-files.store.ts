import type { Database } from '../platform/db/database.ts';
import type { ClusterKeys } from '../platform/keys/cluster-key.ts';
import { readVersion } from './file-cache.ts';
import { openFiles, sealFiles, secretPaths } from './version-files.ts';

/** Seals the files of versions from before that was done; two servers may do it at once, and a kill loses nothing. */
export const sealOldVersions = async ({ prisma }: Database, keys: ClusterKeys): Promise<void> => {
  for (;;) {
    const rows = await prisma.stackVersion.findMany({ where: { sealedFiles: null }, take: 20 });
    if (rows.length === 0) return;
    for (const row of rows) {
      const opened = openFiles(keys, row);
      const application = readVersion(keys, row);
      const secret = application ? secretPaths(application, row.entry) : opened.secret;
      await prisma.stackVersion.updateMany({
        where: { id: row.id, sealedFiles: null },
        data: { files: {}, sealedFiles: sealFiles(keys, row.id, { files: opened.files, secret }) },
      });
    }
  }
};
