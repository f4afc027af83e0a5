import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Checkpoint, readCheckpoint } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import type { Database } from '../platform/db/database.ts';
import { archiveFolder } from './archive.loop.ts';
import { verifyArchive } from './archive-file.ts';
import { type ArchiveRow, allArchives } from './archives.store.ts';
import { FIRST_HASH } from './chain.ts';
import { verifyAudit } from './verify.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const checkpointOf = (text: string | undefined): Checkpoint | undefined => {
  const checkpoint = text === undefined ? undefined : readCheckpoint(text);
  if (text === undefined || checkpoint) return checkpoint;
  throw new DomainError('request.invalid', 'A checkpoint is written <number>:<hash of 64 characters>.');
};

/** What is wrong with an archive, held against what the chain says of it; undefined when nothing is. */
const wrongWith = async (
  path: string,
  row: ArchiveRow,
  previousHash: string,
): Promise<string | undefined> => {
  const read = await verifyArchive(path);
  if (!read.ok) return read.text;
  const { first, last } = read;
  const isIt =
    first === row.firstSequence && last.sequence === row.lastSequence && last.hash === row.lastHash;
  return isIt && read.previousHash === previousHash ? undefined : 'It is of another chain.';
};

/** Checks the chain and every archive from where both lie; throws at the end when something does not hold. */
export const verifyOnHost =
  (dataFolder: string, files: readonly string[], checkpointText: string | undefined) =>
  async (database: Database): Promise<void> => {
    const checkpoint = checkpointOf(checkpointText);
    let wrong = 0;
    const fail = (text: string): void => {
      wrong += 1;
      say(text);
    };
    let previousHash = FIRST_HASH;
    for (const row of await allArchives(database.prisma)) {
      const named = files.find((file) => basename(file) === row.file);
      const path = named ?? join(archiveFolder(dataFolder), row.file);
      if (!existsSync(path))
        say(`${row.file} is not here: it was written by ${row.server}. Name it to check it.`);
      else {
        const text = await wrongWith(path, row, previousHash);
        if (text) fail(`${row.file} does not hold. ${text}`);
        else say(`${row.file}: ${row.entries} entries are as they were sealed.`);
      }
      previousHash = row.lastHash;
    }
    let result = await verifyAudit(database, { checkpoint });
    while (result.ok && result.next) result = await verifyAudit(database, { checkpoint, after: result.next });
    if (result.ok) say(result.text);
    else fail(`${result.text} (${result.problem}, ${result.firstBad})`);
    if (result.head) say(`Keep elsewhere: ${result.head.sequence}:${result.head.hash}`);
    if (wrong > 0) throw new DomainError('conflict.state', 'The audit does not hold.');
  };
