import { isWithin } from '@portreeve/domain';
import type { AskAgent } from '../agents/requests.ts';
import type { Tx } from '../platform/db/database.ts';
import type { FindImage } from './resolve-image.ts';

const ANSWER_MS = 3_000;

/**
 * An image that the engine has because another project pulled it with its own credentials is none of ours: who
 * knows its name or digest could else run it without being allowed to read it.
 */
const pulledByOthers = async (db: Tx, digests: readonly string[], projectId: string): Promise<boolean> => {
  if (digests.length === 0) return false;
  const rows = await db.$queryRaw<unknown[]>`
    SELECT 1 FROM "Revision" r JOIN "Service" s ON s.id = r."serviceId" JOIN "Stack" k ON k.id = s."stackId"
    WHERE r.pin->>'digest' = ANY(${[...digests]}::text[]) AND k."projectId" <> ${projectId}::uuid LIMIT 1`;
  return rows.length > 0;
};

/** Looks for an image at every connected engine that takes tasks of the project. Engines that do not answer have none. */
export const engineImages =
  (db: Tx, askAgent: AskAgent, project: { id: string; path: string }): FindImage =>
  async (reference) => {
    const nodes = await db.node.findMany({
      where: { removedAt: null, state: 'ready', connectedTo: { not: null } },
      select: { id: true, name: true, project: { select: { path: true } } },
      orderBy: { name: 'asc' },
    });
    const mine = nodes.filter((node) => isWithin(project.path, node.project.path));
    const answers = await Promise.all(
      mine.map(async ({ id, name }) => {
        const answer = await askAgent(id, { kind: 'find-image', reference }, { timeoutMs: ANSWER_MS }).catch(
          () => undefined,
        );
        if (!answer?.found || !answer.imageId) return [];
        const digests = answer.repoDigests.flatMap((repoDigest) => repoDigest.split('@')[1] ?? []);
        if (await pulledByOthers(db, [...digests, answer.imageId], project.id)) return [];
        return [{ nodeId: id, nodeName: name, imageId: answer.imageId }];
      }),
    );
    return answers.flat();
  };
