import type { AskAgent } from '../agents/requests.ts';
import type { Tx } from '../platform/db/database.ts';
import { connectedNodes, pulledByOthers } from './engine-images.store.ts';
import type { FindImage } from './resolve-image.ts';

const ANSWER_MS = 3_000;

/** Looks for an image at every connected engine that takes tasks of the project. Engines that do not answer have none. */
export const engineImages =
  (db: Tx, askAgent: AskAgent, project: { id: string; path: string }): FindImage =>
  async (reference) => {
    const mine = await connectedNodes(db, project.path);
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
