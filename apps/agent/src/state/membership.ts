import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import { log } from '../log.ts';
import { type Identity, loadIdentity, saveIdentity } from './identity.ts';
import { openStore, type Store } from './store.ts';

type News = { servers: readonly string[]; caCertificates?: readonly string[] };

/** This host's place in the cluster: its identity, kept on disk, with what servers say of themselves over time. */
export type Membership = {
  identity(): Identity;
  /** On disk before it resolves; when it cannot be written all stays as it was. */
  replace(identity: Identity): Promise<void>;
  /** Servers and CA certificates as a server at the address `from` names them. */
  learn(news: News, from: string): void;
};

const LOOK_MS = 2_000;

/**
 * The state of a host once it has joined. One that has not, or whose key is lost, is said so once and waited for: an
 * agent that ended would be started again every second, for as long as nobody comes.
 */
export const untilJoined = async (
  stateDir: string,
  lookMs = LOOK_MS,
): Promise<{ store: Store; joined: Identity }> => {
  for (let told = false; ; told = true) {
    // Anew each time: who joins may have made another key of the host.
    const store = await openStore(stateDir);
    const joined = await loadIdentity(store);
    if (joined) return { store, joined };
    if (!told)
      log.error('this host has joined no cluster: paste the command of "Add node", or of its node\'s page');
    await pause(lookMs);
  }
};

export const keepMembership = (store: Store, joined: Identity): Membership => {
  let identity = joined;
  const replace = async (next: Identity): Promise<void> => {
    const before = identity;
    identity = next;
    try {
      await saveIdentity(store, next);
    } catch (error) {
      // A key that is on no disk would be gone with this process: better the old one, and another try.
      if (identity === next) identity = before;
      throw error;
    }
  };
  return {
    identity: () => identity,
    replace,
    learn: ({ servers, caCertificates = [] }, from) => {
      const next = {
        ...identity,
        // The one that answers now stays, whatever addresses the servers think they have.
        servers: [...new Set([...servers, from])],
        caCertificates: caCertificates.length > 0 ? [...caCertificates] : identity.caCertificates,
      };
      if (JSON.stringify(next) === JSON.stringify(identity)) return;
      replace(next).catch((error) => log.warn({ error: messageOf(error) }, 'not remembered'));
    },
  };
};
