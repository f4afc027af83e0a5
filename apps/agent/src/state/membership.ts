import { messageOf } from '../errors.ts';
import { log } from '../log.ts';
import { type Identity, saveIdentity } from './identity.ts';
import type { Store } from './store.ts';

type News = { servers: readonly string[]; caCertificates?: readonly string[] };

/** This host's place in the cluster: its identity, kept on disk, with what servers say of themselves over time. */
export type Membership = {
  identity(): Identity;
  /** On disk before it resolves; when it cannot be written all stays as it was. */
  replace(identity: Identity): Promise<void>;
  /** Servers and CA certificates as a server at the address `from` names them. */
  learn(news: News, from: string): void;
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
