import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { DomainError } from '@portreeve/domain';
import type { Tx } from '../platform/db/database.ts';
import type { WrittenMonth } from './archives.store.ts';
import { type ChainLine, chainLine, sealHash } from './chain.ts';
import type { ChainPlace } from './seal.store.ts';
import { linksFrom } from './verify.store.ts';

const READ_AT_ONCE = 1_000;
const FORMAT = 'portreeve audit 1';
type Head = { format: string; month: string; first: string; previousHash: string };
type Tail = { entries: string; last: { sequence: string; hash: string } };

/** `2026-11`. */
export const monthName = (month: Date): string => month.toISOString().slice(0, 7);

/** What a line says is recomputed: nothing goes into an archive, or is believed of one, that the chain does not hold. */
const follows = (line: ChainLine, before: ChainPlace): boolean =>
  line.previousHash === before.hash &&
  BigInt(line.sequence) === before.sequence + 1n &&
  line.hash === sealHash(before.hash, before.sequence + 1n, { ...line.entry, at: new Date(line.entry.at) });

async function* linesOf(db: Tx, month: string, start: ChainPlace, last: ChainPlace): AsyncGenerator<string> {
  const head: Head = { format: FORMAT, month, first: String(start.sequence + 1n), previousHash: start.hash };
  yield `${JSON.stringify(head)}\n`;
  let place = start;
  while (place.sequence < last.sequence) {
    const links = (await linksFrom(db, place.sequence + 1n, READ_AT_ONCE)).filter(
      ({ sequence }) => sequence <= last.sequence,
    );
    const lines = links.map((link) => {
      const line = link.entry && chainLine(link, link.entry);
      if (!line || !follows(line, place))
        throw new DomainError('conflict.state', `The chain does not hold at ${place.sequence + 1n}.`, {
          hint: 'Verify the audit: it says what is wrong. Nothing is archived until then.',
        });
      place = { sequence: link.sequence, hash: link.hash };
      return `${JSON.stringify(line)}\n`;
    });
    if (lines.length === 0)
      throw new DomainError('conflict.state', `The chain ends before ${last.sequence}.`);
    yield lines.join('');
  }
  const tail: Tail = {
    entries: String(place.sequence - start.sequence),
    last: { sequence: String(place.sequence), hash: place.hash },
  };
  yield `${JSON.stringify(tail)}\n`;
}

/** Writes a month as JSON lines, checked as it goes; the file is whole and on the disk when this returns. */
export const writeArchive = async (
  db: Tx,
  folder: string,
  month: Date,
  start: ChainPlace,
  last: ChainPlace,
): Promise<WrittenMonth> => {
  const file = `audit-${monthName(month)}.jsonl.gz`;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const unfinished = join(folder, `${file}.tmp`);
  const sum = createHash('sha256');
  let bytes = 0;
  const summing = new Transform({
    transform(chunk: Buffer, _, done) {
      sum.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  try {
    const lines = Readable.from(linesOf(db, monthName(month), start, last), { objectMode: false });
    await pipeline(lines, createGzip(), summing, createWriteStream(unfinished, { mode: 0o600 }));
    const handle = await open(unfinished, 'r');
    await handle.sync().finally(() => handle.close());
    await rename(unfinished, join(folder, file));
    const directory = await open(folder, 'r');
    await directory.sync().finally(() => directory.close());
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  return { file, sha256: sum.digest('hex'), bytes, first: start.sequence + 1n, last };
};

export type ReadArchive =
  | { ok: true; month: string; first: bigint; previousHash: string; last: ChainPlace }
  | { ok: false; text: string };

/** Recomputes an archive by itself, line by line; what comes out is to be compared with what the chain says of it. */
export const verifyArchive = async (path: string): Promise<ReadArchive> => {
  let head: Head | undefined;
  let tail: Tail | undefined;
  let place: ChainPlace = { sequence: 0n, hash: '' };
  try {
    const input = createReadStream(path).pipe(createGunzip());
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      const line = JSON.parse(text) as Head | ChainLine | Tail;
      if (tail) return { ok: false, text: 'There is something after its end.' };
      if (!head) {
        head = line as Head;
        if (head.format !== FORMAT) return { ok: false, text: 'It is no archive of an audit.' };
        place = { sequence: BigInt(head.first) - 1n, hash: head.previousHash };
      } else if ('entry' in line) {
        if (!follows(line, place))
          return { ok: false, text: `Entry ${place.sequence + 1n} is not as it was sealed.` };
        place = { sequence: BigInt(line.sequence), hash: line.hash };
      } else tail = line as Tail;
    }
  } catch (error) {
    return { ok: false, text: `It cannot be read: ${error instanceof Error ? error.message : error}.` };
  }
  if (!head || !tail || tail.last.hash !== place.hash || BigInt(tail.last.sequence) !== place.sequence)
    return { ok: false, text: `It ends early, after ${place.sequence}.` };
  return {
    ok: true,
    month: head.month,
    first: BigInt(head.first),
    previousHash: head.previousHash,
    last: place,
  };
};
