import { formatBytes } from '@portreeve/domain';
import type { Agents } from '../agents/agents.ts';
import { closeAlarm, openAlarm } from '../agents/alarms.store.ts';
import type { Database } from '../platform/db/database.ts';
import type { LoopOptions } from '../platform/loop.ts';
import { nodesOfServer, openAlertKeys } from './alerts.store.ts';

const FULL = 0.9;
/** Below this it is over; between the two nothing changes, so that a disk at the edge does not ring all day. */
const RELIEVED = 0.87;

const keyOf = (nodeId: string, path: string): string => `disk:${nodeId}:${path}`;

/** Disks of the hosts whose agents this server hears: figures are nowhere else. Runs on every server. */
export const diskAlarms = (database: Database, live: Agents['live'], serverId: string): LoopOptions => ({
  name: 'disk alarms',
  everyMs: 15_000,
  leaderOnly: false,
  run: async () => {
    const nodes = await nodesOfServer(database.prisma, serverId);
    const keys = await openAlertKeys(database.prisma, 'disk');
    const close = (key: string): Promise<void> => database.transaction((tx) => closeAlarm(tx, key));
    for (const { id, name } of nodes) {
      const disks = live(id)?.pressure?.disks;
      if (!disks) continue;
      const own = [...keys].filter((key) => key.startsWith(keyOf(id, '')));
      for (const key of own) if (!disks.some(({ path }) => key === keyOf(id, path))) await close(key);
      for (const { path, usedBytes, totalBytes } of disks) {
        const key = keyOf(id, path);
        const used = totalBytes > 0 ? usedBytes / totalBytes : 0;
        if (used > FULL && !keys.has(key))
          await database.transaction((tx) =>
            openAlarm(tx, {
              ...{ kind: 'disk', key, severity: used > 0.97 ? 'critical' : 'warning', nodeId: id },
              message: `The disk ${path} of ${name} is ${Math.round(used * 100)} % full: ${formatBytes(totalBytes - usedBytes)} are left.`,
              hint: 'Remove what is not needed there; unused images are collected by the agent itself.',
            }),
          );
        else if (used < RELIEVED && keys.has(key)) await close(key);
      }
    }
  },
});
