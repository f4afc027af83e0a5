import type { DesiredDocument } from '@portreeve/agent-protocol';
import { z } from 'zod';
import { diskOf } from '../reports/host.ts';
import type { Store } from '../state/store.ts';
import { type CallRecorder, statusOf, timed } from './call.ts';
import { imageReference } from './create-options.ts';
import type { Engine } from './engine.ts';

const FILE = 'images';
const FULL = 0.85;
const ENOUGH = 0.8;
const RECENT_MS = 3_600_000;

const Saved = z.record(z.string(), z.number());

type Held = { reference: string; at: number };

/**
 * Images that may go, the longest unused first: pulled by this agent, over an hour ago, of no task of the
 * document and not among those that an undo could need. Whether a container uses one, the engine says.
 */
export const collectable = (held: readonly Held[], doc: DesiredDocument, now: number): string[] => {
  const wanted = new Set(doc.tasks.map((task) => imageReference(task.pin)));
  const kept = new Set<string>(doc.keepImages);
  return held
    .filter((image) => now - image.at >= RECENT_MS && !wanted.has(image.reference))
    .filter((image) => !kept.has(image.reference.slice(image.reference.indexOf('@') + 1)))
    .sort((a, b) => a.at - b.at)
    .map((image) => image.reference);
};

export type Images = {
  note(reference: string): void;
  /** Removes images while the engine's disk is fuller than it should be. */
  collect(engine: Engine, doc: DesiredDocument, engineRoot: string): Promise<void>;
};

const usedRatio = async (path: string): Promise<number> => {
  const disk = await diskOf(path);
  return disk ? disk.usedBytes / Math.max(1, disk.totalBytes) : 0;
};

export const openImages = async (store: Store, record: CallRecorder): Promise<Images> => {
  const bytes = await store.read(FILE);
  const saved = bytes ? Saved.safeParse(JSON.parse(bytes.toString('utf8'))).data : undefined;
  const held = new Map(Object.entries(saved ?? {}));
  const save = () => store.write(FILE, JSON.stringify(Object.fromEntries(held)));

  return {
    note: (reference) => {
      held.set(reference, Date.now());
      save().catch(() => undefined);
    },
    collect: async (engine, doc, engineRoot) => {
      if ((await usedRatio(engineRoot)) < FULL) return;
      const list = [...held].map(([reference, at]) => ({ reference, at }));
      for (const reference of collectable(list, doc, Date.now())) {
        const gone = await timed(record, { what: `remove unused image ${reference}` }, () =>
          engine.docker.getImage(reference).remove(),
        ).then(
          () => true,
          (error) => statusOf(error) === 404,
        );
        if (gone) held.delete(reference);
        if ((await usedRatio(engineRoot)) < ENOUGH) break;
      }
      await save();
    },
  };
};
