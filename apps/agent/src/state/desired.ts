import { DesiredDocument } from '@portreeve/agent-protocol';
import { messageOf } from '../errors.ts';
import { log } from '../log.ts';
import type { Store } from './store.ts';

const FILE = 'desired';

/** The newest verified document, as it was stored; sealed with the host's key, so not verified again. */
export const loadDesired = async (store: Store): Promise<DesiredDocument | undefined> => {
  const bytes = await store.read(FILE);
  if (!bytes) return undefined;
  try {
    return DesiredDocument.parse(JSON.parse(bytes.toString('utf8')));
  } catch (error) {
    log.error({ error: messageOf(error) }, 'the stored desired state cannot be read; waiting for the server');
    return undefined;
  }
};

export const saveDesired = (store: Store, bytes: Uint8Array): Promise<void> => store.write(FILE, bytes);
