import type { Store } from '../../apps/agent/src/state/store.ts';

/** The disk of a simulated host: it lasts as long as its process. */
export const memoryStore = (): Store => {
  const files = new Map<string, Buffer>();
  return {
    dir: '/nowhere',
    read: async (name) => files.get(name),
    write: async (name, bytes) => void files.set(name, Buffer.from(bytes as Uint8Array)),
    remove: async (name) => void files.delete(name),
    list: async () => [],
  };
};
