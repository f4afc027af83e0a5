import { nextTryMs } from '../alerts/alerts.loop.ts';
import { clusterName } from '../alerts/deliveries.store.ts';
import { postSigned } from '../alerts/send.ts';
import { publishChange } from '../live/changes.ts';
import type { Database } from '../platform/db/database.ts';
import type { ClusterKeys } from '../platform/keys/cluster-key.ts';
import type { LoopOptions } from '../platform/loop.ts';
import { type ChainLine, chainLine } from './chain.ts';
import {
  dueForwards,
  type ForwardRow,
  type ForwardTarget,
  forwardTarget,
  storeFailure,
  storeSent,
} from './forwards.store.ts';
import { sendSyslog, syslogMessage } from './syslog.ts';
import { linksFrom } from './verify.store.ts';

const SENT_AT_ONCE = 250;
/** Of one place, in one run: others have their turn, and the leader may change. */
const BATCHES_AT_ONCE = 20;

/** Sends entries in their order with their seals; throws a sentence when they were not taken. */
export const sendEntries = async (
  target: ForwardTarget,
  cluster: string,
  entries: readonly ChainLine[],
): Promise<void> => {
  if (target.kind === 'syslog')
    return sendSyslog(
      target,
      entries.map((entry) => syslogMessage(entry)),
    );
  const last = entries.at(-1);
  const head = last && { sequence: last.sequence, hash: last.hash };
  await postSigned(target, { cluster, event: 'audit', head, entries });
};

/**
 * Sends on what is sealed. Where each place stands is in its row, so that a start, another leader and an outage of
 * hours lose nothing: what is not noted as taken is sent again.
 */
export const auditForwarding = (database: Database, keys: ClusterKeys): LoopOptions => {
  const { prisma } = database;
  /** The number sent up to; undefined when there was nothing. */
  const sendBatch = async (row: ForwardRow, sent: bigint, cluster: string): Promise<bigint | undefined> => {
    const links = await linksFrom(prisma, sent + 1n, SENT_AT_ONCE);
    const last = links.at(-1);
    if (!last) return undefined;
    // One that is gone is for the check to tell of, and its number is missing there too.
    const lines = links.flatMap((link) => (link.entry ? [chainLine(link, link.entry)] : []));
    if (lines.length > 0) await sendEntries(forwardTarget(row, keys), cluster, lines);
    await storeSent(prisma, row.id, sent, last.sequence, new Date());
    return last.sequence;
  };
  const changed = (id: string) =>
    database.transaction((tx) => publishChange(tx, { kind: 'settings', ids: [id] }));
  const forward = async (row: ForwardRow, cluster: string): Promise<void> => {
    try {
      let sent: bigint | undefined = row.sentSequence;
      for (let batch = 0; batch < BATCHES_AT_ONCE && sent !== undefined; batch += 1)
        sent = await sendBatch(row, sent, cluster);
      if (row.lastError !== '' && sent !== row.sentSequence) await changed(row.id);
    } catch (error) {
      const lastError = (error instanceof Error ? error.message : String(error)).slice(0, 500);
      await storeFailure(prisma, row, lastError, new Date(Date.now() + nextTryMs(row.tries)));
      if (lastError !== row.lastError) await changed(row.id);
    }
  };
  return {
    name: 'audit forwarding',
    everyMs: 1_000,
    run: async (now) => {
      const due = await dueForwards(prisma, now);
      if (due.length === 0) return;
      const cluster = await clusterName(prisma);
      await Promise.all(due.map((row) => forward(row, cluster)));
    },
  };
};
