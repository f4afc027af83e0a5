import type { AskAgent } from '../agents/requests.ts';
import type { Database } from '../platform/db/database.ts';
import type { LoopOptions } from '../platform/loop.ts';
import { forgetVolume, leftoverVolumes } from './volumes.store.ts';

/** Takes removed volumes off their hosts; one whose host is away waits for it. */
export const volumeRemoval = (database: Database, askAgent: AskAgent): LoopOptions => ({
  name: 'volume removal',
  everyMs: 15_000,
  run: async () => {
    for (const { id, nodeId, engineName, nodeGone } of await leftoverVolumes(database.prisma)) {
      if (nodeId && !nodeGone) {
        const answer = await askAgent(nodeId, { kind: 'remove-volume', engineName }).catch(() => undefined);
        if (!answer?.removed) continue;
      }
      await forgetVolume(database.prisma, id);
    }
  },
});
