import { formatBytes } from '@portreeve/domain';
import type { Agents } from '../agents/agents.ts';
import { closeAlarm, openAlarm } from '../agents/alarms.store.ts';
import type { Database } from '../platform/db/database.ts';
import type { LoopOptions } from '../platform/loop.ts';
import { nodesOfServer, openAlertKeys } from './alerts.store.ts';

const FULL = 0.9;
/** Below this it is over; between the two nothing changes, so that a disk at the edge does not ring all day. */
const RELIEVED = 0.87;

/** Disks of the hosts whose agents this server hears: figures are nowhere else. Runs on every server. */
export const diskAlarms = (database: Database, live: Agents['live'], serverId: string): LoopOptions => ({
  name: 'disk alarms',
  everyMs: 15_000,
  leaderOnly: false,
  run: async () => {
    const nodes = await nodesOfServer(database.prisma, serverId);
    const keys = await openAlertKeys(database.prisma, 'disk');
    for (const { id, name } of nodes)
      for (const { path, usedBytes, totalBytes } of live(id)?.pressure?.disks ?? []) {
        const key = `disk:${id}:${path}`;
        const used = totalBytes > 0 ? usedBytes / totalBytes : 0;
        if (used > FULL && !keys.has(key))
          await database.transaction((tx) =>
            openAlarm(tx, {
              ...{ kind: 'disk', key, severity: used > 0.97 ? 'critical' : 'warning', nodeId: id },
              message: `The disk ${path} of ${name} is ${Math.round(used * 100)} % full: ${formatBytes(totalBytes - usedBytes)} are left.`,
              hint: 'Remove what is not needed there; unused images are collected by the agent itself.',
            }),
          );
        else if (used < RELIEVED && keys.has(key)) await database.transaction((tx) => closeAlarm(tx, key));
      }
  },
});
