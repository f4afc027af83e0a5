import type { ChainProblem, Checkpoint, Verification } from '@portreeve/contract';
import type { Database, Tx } from '../platform/db/database.ts';
import { FIRST_HASH, sealHash } from './chain.ts';
import { type ChainPlace, lastSeal, stillComing } from './seal.store.ts';
import {
  archivedTo,
  archiveEndingAt,
  entryAnywhere,
  type Link,
  linksFrom,
  sealAt,
  strayEntry,
} from './verify.store.ts';

const CHECKED_AT_ONCE = 1_000;
/** A request is answered before anything between gives it up. */
const LONGEST_MS = 20_000;

export type VerifyOptions = {
  /** Where an earlier part ended. */
  after?: Checkpoint | undefined;
  /** What somebody kept elsewhere. */
  checkpoint?: Checkpoint | undefined;
  longestMs?: number;
};

type Fault = { problem: ChainProblem; firstBad: string; sequence: bigint; text: string };

const placeOf = (checkpoint: Checkpoint): ChainPlace => ({
  sequence: BigInt(checkpoint.sequence),
  hash: checkpoint.hash,
});
const shown = ({ sequence, hash }: ChainPlace): Checkpoint => ({ sequence: String(sequence), hash });

const fault = (link: Link, sequence: bigint, problem: ChainProblem, text: string): Fault => ({
  ...{ problem, sequence, text },
  firstBad: link.entryId,
});

/** Why a link does not follow from the place before it; undefined when it does. */
const faultOf = async (
  db: Tx,
  link: Link,
  before: ChainPlace,
  beside: readonly Link[],
): Promise<Fault | undefined> => {
  const expected = before.sequence + 1n;
  const { entry } = link;
  if (link.sequence !== expected) return fault(link, expected, 'missing', `Seal ${expected} is missing.`);
  if (!entry) {
    if (await entryAnywhere(db, link.entryId))
      return fault(
        link,
        expected,
        'changed',
        `The time of entry ${expected} was changed after it was sealed.`,
      );
    return fault(link, expected, 'missing', `A sealed entry is gone: number ${expected}.`);
  }
  const matches = (of: Link) => of.entry && link.hash === sealHash(before.hash, expected, of.entry);
  if (link.previousHash === before.hash && matches(link)) return undefined;
  // Its own hash belongs to another entry, or its place to another seal: two were exchanged.
  const moved = beside.some(
    (other) => other !== link && (matches(other) || other.previousHash === before.hash),
  );
  if (moved)
    return fault(link, expected, 'reordered', `Entry ${expected} is not the one that was sealed there.`);
  return fault(link, expected, 'changed', `Entry ${expected} was changed after it was sealed.`);
};

/** What speaks against a checkpoint that somebody kept: the chain ends before it, or goes through another hash. */
const faultOfCheckpoint = async (db: Tx, kept: ChainPlace, end: ChainPlace): Promise<Fault | undefined> => {
  const at = { firstBad: String(kept.sequence), sequence: kept.sequence };
  if (kept.sequence > end.sequence)
    return {
      ...{ ...at, problem: 'cut' },
      text: `The chain ends at ${end.sequence}: what came after it, up to ${kept.sequence} at least, was cut off.`,
    };
  const here = (await sealAt(db, kept.sequence)) ?? (await archiveEndingAt(db, kept.sequence));
  if (!here || here.hash === kept.hash) return undefined;
  return {
    ...{ ...at, problem: 'rewritten' },
    text: `The chain was rewritten: seal ${kept.sequence} is another than the one that was kept.`,
  };
};

const cannotTell = (kept: ChainPlace | undefined, archived: ChainPlace | undefined): string =>
  kept && archived && kept.sequence < archived.sequence
    ? ` Seal ${kept.sequence} is in an archive: check it there.`
    : '';

/**
 * Recomputes the chain from the end of what was archived, a batch at a time: an entry that was changed, removed, moved
 * or slipped in is named, and a tail that was cut off is found by a checkpoint. Ends early after some seconds, with
 * the place to go on from.
 */
export const verifyAudit = async (
  { prisma: db }: Pick<Database, 'prisma'>,
  { after, checkpoint, longestMs = LONGEST_MS }: VerifyOptions = {},
): Promise<Verification> => {
  const began = performance.now();
  const archived = await archivedTo(db);
  const start = archived ?? { sequence: 0n, hash: FIRST_HASH };
  const asked = after && placeOf(after);
  let place = asked && asked.sequence > start.sequence ? asked : start;
  const kept = checkpoint && placeOf(checkpoint);
  const common = () => ({
    entries: Number(place.sequence - start.sequence),
    head: place.sequence === 0n ? null : shown(place),
    archivedTo: archived ? shown(archived) : null,
  });
  const bad = ({ sequence, ...found }: Fault): Verification => ({
    ...{ ok: false, next: null, ...common() },
    ...{ ...found, sequence: String(sequence) },
  });
  const good = (text: string, next: Checkpoint | null): Verification => ({
    ...{ ok: true, firstBad: null, problem: null, sequence: null },
    ...{ text, next, ...common() },
  });

  // A place that the chain does not go through proves nothing of what comes before it.
  const end = await lastSeal(db);
  const unknown = asked && (await faultOfCheckpoint(db, asked, end ?? start));
  if (unknown) return bad(unknown);
  for (;;) {
    const links = await linksFrom(db, place.sequence + 1n, CHECKED_AT_ONCE);
    for (const link of links) {
      const found = await faultOf(db, link, place, links);
      if (found) return bad(found);
      place = { sequence: link.sequence, hash: link.hash };
    }
    if (links.length < CHECKED_AT_ONCE) break;
    if (performance.now() - began > longestMs)
      return good(
        `${common().entries} entries are as they were sealed so far; there are more.`,
        shown(place),
      );
  }
  const wrong = kept && (await faultOfCheckpoint(db, kept, place));
  if (wrong) return bad(wrong);
  const stray = await strayEntry(db, stillComing(await lastSeal(db)));
  if (stray)
    return bad({
      ...{ problem: 'slipped in', firstBad: stray, sequence: place.sequence },
      text: 'An entry was slipped in after those beside it were sealed.',
    });
  return good(
    `${common().entries} entries are as they were sealed, the last as ${place.hash.slice(0, 16)}.${cannotTell(kept, archived)}`,
    null,
  );
};
