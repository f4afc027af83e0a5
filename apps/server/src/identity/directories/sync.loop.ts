import { recordAudit } from '../../audit/audit.store.ts';
import { systemContext } from '../../platform/http/context.ts';
import type { Log } from '../../platform/log.ts';
import type { LoopOptions } from '../../platform/loop.ts';
import {
  configurationOf,
  type DirectoryRow,
  enabledDirectories,
  forgetMark,
  type Mark,
} from './directories.store.ts';
import { suspend } from './people.store.ts';
import type { SyncDeps } from './plan-sync.ts';
import { runSync } from './sync.ts';

/** How often it is looked whether a directory is due. */
const LOOK_EVERY_MS = 1_000;

const ctx = systemContext('directory sync');

/** Sessions outlive the directory's word for as long as was set, and no longer. */
const suspendSilent = async ({ database }: SyncDeps, directory: DirectoryRow, now: Date): Promise<void> => {
  const heard = (directory.mark as Mark | null)?.at ?? directory.createdAt.toISOString();
  const { graceMinutes } = configurationOf(directory);
  if (now.getTime() - Date.parse(heard) < graceMinutes * 60_000) return;
  await database.transaction(async (tx) => {
    const ids = await suspend(tx, { directoryId: directory.id }, 'silent', now);
    if (ids.length === 0) return;
    await forgetMark(tx, directory.id);
    await recordAudit(tx, ctx, {
      action: 'directory.silent',
      object: { kind: 'directory', id: directory.id, name: directory.name },
      detail: { disabled: ids.length, graceMinutes },
    });
    for (const kind of ['session', 'user', 'grant'] as const) await database.announce(tx, kind, ids);
  });
};

/** Each directory in its own time: increments by the interval that was set, a full sync by the other one. */
export const directorySync = (
  deps: SyncDeps,
  log: Log,
): { options: LoopOptions; settled(): Promise<void> } => {
  const lastTried = new Map<string, number>();
  const underWay = new Map<string, Promise<void>>();

  const syncOne = async (directory: DirectoryRow, now: Date): Promise<void> => {
    const { fullSyncMinutes } = configurationOf(directory);
    const fullAt = directory.lastFullAt?.getTime() ?? 0;
    const isFullDue =
      !(directory.mark as Mark | null)?.people || now.getTime() - fullAt >= fullSyncMinutes * 60_000;
    const kind = isFullDue ? 'full' : 'increment';
    const run = await runSync(deps, directory, { kind, ctx, startedBy: 'schedule' });
    if (run?.outcome === 'failed') await suspendSilent(deps, directory, now);
  };

  const start = (directory: DirectoryRow, now: Date): void => {
    lastTried.set(directory.id, now.getTime());
    const run = syncOne(directory, now)
      .catch((err: unknown) => log.warn({ directory: directory.name, err }, 'a directory was not synced'))
      .finally(() => underWay.delete(directory.id));
    underWay.set(directory.id, run);
  };
  const isDue = (directory: DirectoryRow, now: Date): boolean =>
    !underWay.has(directory.id) &&
    now.getTime() - (lastTried.get(directory.id) ?? 0) >= configurationOf(directory).syncSeconds * 1_000;

  return {
    options: {
      name: 'directory sync',
      everyMs: LOOK_EVERY_MS,
      // Not waited for: one directory that hangs must not make the others wait.
      run: async (now) => {
        for (const directory of await enabledDirectories(deps.database.prisma))
          if (isDue(directory, now)) start(directory, now);
      },
    },
    settled: async () => {
      await Promise.all(underWay.values());
    },
  };
};
