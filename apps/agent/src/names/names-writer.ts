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

  let last: string | undefined;

  const write = (isNews: (text: string) => boolean): Promise<void> => {
    clearTimeout(soon);
    soon = undefined;
    const done = writing.then(async () => {
      const now = await known;
      if (!doc) return;
      const table = buildTable(doc, (...task) => isReady(now, doc?.nodeId ?? '', ...task));
      const text = JSON.stringify(table);
      if (!isNews(text)) return;
      await writeTable(folder, table);
      last = text;
    });
    writing = done.catch(() => undefined);
    return done;
  };

  return {
    /** Resolves when the table of this document is there to be read. */
    document: (next: DesiredDocument): Promise<void> => {
      doc = next;
      return write(() => true);
    },
    readiness: (said: Readiness, local: ReadonlySet<string>): void => {
      known = known.then((before) => hearReadiness(before, said, local));
      soon ??= setTimeout(() => {
        // A task on no network that gets ready changes nothing here.
        write((text) => text !== last).catch((error) =>
          log.error({ error: messageOf(error) }, 'names could not be written'),
        );
      }, TOGETHER_MS);
    },
  };
};
