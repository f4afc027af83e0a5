import type { AskAgent } from '../agents/requests.ts';
import type { Database } from '../platform/db/database.ts';
import type { LoopOptions } from '../platform/loop.ts';

type Leftover = { id: string; nodeId: string | null; engineName: string; nodeGone: boolean };

/** Removed volumes that no task holds any more. */
const leftovers = (database: Database) => database.prisma.$queryRaw<Leftover[]>`
  SELECT v.id, v."nodeId", v."engineName", n.id IS NULL OR n."removedAt" IS NOT NULL AS "nodeGone"
  FROM "Volume" v LEFT JOIN "Node" n ON n.id = v."nodeId"
  WHERE v."removedAt" IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM "Task" t, jsonb_array_elements(t.volumes) AS used
    WHERE used->>'volumeId' = v.id::text AND t.state NOT IN ('complete', 'stopped', 'failed', 'rejected', 'lost'))
  LIMIT 50`;

/** Takes removed volumes off their hosts; one whose host is away waits for it. */
export const volumeRemoval = (database: Database, askAgent: AskAgent): LoopOptions => ({
  name: 'volume removal',
  everyMs: 15_000,
  run: async () => {
    for (const { id, nodeId, engineName, nodeGone } of await leftovers(database)) {
      if (nodeId && !nodeGone) {
        const answer = await askAgent(nodeId, { kind: 'remove-volume', engineName }).catch(() => undefined);
        if (!answer?.removed) continue;
      }
      await database.prisma.volume.deleteMany({ where: { id } });
    }
  },
});
