import type { DesiredDocument, Readiness } from '@portreeve/agent-protocol';
import { messageOf } from '../errors.ts';
import { log } from '../log.ts';
import { hearReadiness, isReady, type KnownReadiness, rememberedReadiness } from './readiness.ts';
import { buildTable } from './table.ts';
import { readTable, writeTable } from './table-file.ts';

/** Tasks that get ready together are one table; far below the second that a change may take. */
const TOGETHER_MS = 20;

/** The agent's side of the names: what it knows of tasks and their readiness, written for the process that answers. */
export const namesWriter = (folder: string) => {
  let known: Promise<KnownReadiness> = readTable(folder).then(rememberedReadiness);
  let doc: DesiredDocument | undefined;
  let writing = Promise.resolve();
  let soon: NodeJS.Timeout | undefined;

  const write = (): Promise<void> => {
    clearTimeout(soon);
    soon = undefined;
    const done = writing.then(async () => {
      const now = await known;
      if (doc)
        await writeTable(
          folder,
          buildTable(doc, (...task) => isReady(now, doc?.nodeId ?? '', ...task)),
        );
    });
    writing = done.catch(() => undefined);
    return done;
  };

  return {
    /** Resolves when the table of this document is there to be read. */
    document: (next: DesiredDocument): Promise<void> => {
      doc = next;
      return write();
    },
    readiness: (said: Readiness, local: ReadonlySet<string>): void => {
      known = known.then((before) => hearReadiness(before, said, local));
      soon ??= setTimeout(() => {
        write().catch((error) => log.error({ error: messageOf(error) }, 'names could not be written'));
      }, TOGETHER_MS);
    },
  };
};
