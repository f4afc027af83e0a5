import { Change } from '@portreeve/contract';
import { CHANGES_CHANNEL } from '../platform/db/database.ts';
import { type Executor, notifyAll } from '../platform/db/notify.ts';

/** PostgreSQL refuses notifications of 8,000 bytes and more; 150 UUIDs with their quotes stay well below. */
const IDS_PER_NOTIFICATION = 150;

const split = (change: Change): Change[] => {
  const pieces = Math.max(1, Math.ceil(change.ids.length / IDS_PER_NOTIFICATION));
  return Array.from({ length: pieces }, (_, i) => ({
    ...change,
    ids: change.ids.slice(i * IDS_PER_NOTIFICATION, (i + 1) * IDS_PER_NOTIFICATION),
  }));
};

/** A change in payloads of its channel, for who sends them along with another statement. */
export const changePayloads = (...changes: Change[]): string[] =>
  changes.flatMap(split).map((change) => JSON.stringify(change));

/**
 * Tells every server, when the transaction commits and only then, that something changed. Ids of the changed
 * objects only; no ids means: any of that kind. Name also related objects where it is known whose page shows it.
 */
export const publishChange = async (tx: Executor, ...changes: Change[]): Promise<void> => {
  if (changes.length === 0) return;
  await notifyAll(tx, CHANGES_CHANNEL, changePayloads(...changes));
};

/** Reads a payload of the channel; undefined for what a newer server may send. */
export const parseChange = (payload: string): Change | undefined =>
  Change.safeParse(JSON.parse(payload)).data;
