import { createHash } from 'node:crypto';

/** What of an entry the chain covers: all of it. */
export type ChainedEntry = {
  id: string;
  at: Date;
  actorKind: string;
  actorId: string | null;
  actorName: string;
  via: string;
  address: string;
  action: string;
  objectKind: string | null;
  objectId: string | null;
  objectName: string | null;
  projectPath: string | null;
  outcome: string;
  detail: unknown;
  grantId: string | null;
};

export const FIRST_HASH = '0'.repeat(64);

/** JSON with sorted keys: PostgreSQL keeps no order of keys in jsonb. */
const canonical = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`)
    .join(',')}}`;
};

/** The seal of an entry after the one sealed before it. */
export const sealHash = (previousHash: string, sequence: bigint, entry: ChainedEntry): string =>
  createHash('sha256')
    .update(
      canonical([
        previousHash,
        String(sequence),
        entry.id,
        entry.at.toISOString(),
        entry.actorKind,
        entry.actorId,
        entry.actorName,
        entry.via,
        entry.address,
        entry.action,
        entry.objectKind,
        entry.objectId,
        entry.objectName,
        entry.projectPath,
        entry.outcome,
        entry.detail,
        // Those of before there were grants hash as they did.
        ...(entry.grantId === null ? [] : [entry.grantId]),
      ]),
    )
    .digest('hex');

/** An entry with its place in the chain, as it goes into archives and elsewhere: enough to recompute the seal. */
export type ChainLine = {
  sequence: string;
  previousHash: string;
  hash: string;
  entry: Omit<ChainedEntry, 'at'> & { at: string };
};

export const chainLine = (
  link: { sequence: bigint; previousHash: string; hash: string },
  { at, ...entry }: ChainedEntry,
): ChainLine => ({
  sequence: String(link.sequence),
  previousHash: link.previousHash,
  hash: link.hash,
  entry: { ...entry, at: at.toISOString() },
});
