import type { Database } from '../platform/db/database.ts';
import type { ClusterKeys } from '../platform/keys/cluster-key.ts';
import type { Log } from '../platform/log.ts';
import { readVersion, type StoredVersion } from './file-cache.ts';
import { openFiles, sealFiles, secretPaths } from './version-files.ts';

/**
 * Seals the files of versions from before that was done; two servers may do it at once, and a kill loses nothing. One
 * that cannot be sealed is said in the log and left to the next start: it keeps nobody from starting.
 */
export const sealOldVersions = async ({ prisma }: Database, keys: ClusterKeys, log: Log): Promise<void> => {
  const seal = async (row: StoredVersion): Promise<void> => {
    const opened = openFiles(keys, row);
    const application = readVersion(keys, row);
    const secret = application ? secretPaths(application, row.entry) : opened.secret;
    await prisma.stackVersion.updateMany({
      where: { id: row.id, sealedFiles: null },
      data: { files: {}, sealedFiles: sealFiles(keys, row.id, { files: opened.files, secret }) },
    });
  };
  let last: string | undefined;
  for (;;) {
    const rows = await prisma.stackVersion.findMany({
      where: { sealedFiles: null, ...(last !== undefined && { id: { gt: last } }) },
      orderBy: { id: 'asc' },
      take: 20,
    });
    last = rows.at(-1)?.id;
    if (last === undefined) return;
    for (const row of rows)
      await seal(row).catch((error: unknown) =>
        log.error({ version: row.id, err: error }, 'the files of a stack version were not sealed'),
      );
  }
};
