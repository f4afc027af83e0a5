import { afterEvent, type EngineEvent } from '../engine/events.ts';
import { LABEL, type SeenContainer } from '../engine/seen.ts';
import type { Book } from './book.ts';
import type { TaskRecord } from './record.ts';

/** The containers that carry our labels, as last seen, and whose they are by the record. */
export type Sightings = {
  containers: Map<string, SeenContainer>;
  of(taskId: string): SeenContainer[];
  /** The container of a task's latest attempt. */
  latest(record: TaskRecord): SeenContainer | undefined;
  /** Ours by label and by the record, both (SPEC.md, T5). */
  isOurs(container: SeenContainer): boolean;
  replace(list: readonly SeenContainer[]): void;
  /** Takes an event in; the task it concerns, if any. */
  apply(event: EngineEvent): string | undefined;
};

export const sightings = (book: Book): Sightings => {
  const containers = new Map<string, SeenContainer>();
  return {
    containers,
    of: (taskId) => [...containers.values()].filter((one) => one.taskId === taskId),
    latest: (record) => {
      const id = record.attempts.at(-1)?.containerId;
      return id === undefined ? undefined : containers.get(id);
    },
    isOurs: (container) =>
      book.records.get(container.taskId)?.attempts.some((one) => one.containerId === container.id) ?? false,
    replace: (list) => {
      const killed = new Set(
        [...containers.values()].filter((one) => one.killedOutside).map((one) => one.id),
      );
      containers.clear();
      for (const one of list) containers.set(one.id, { ...one, killedOutside: killed.has(one.id) });
    },
    apply: (event) => {
      const { ID, Attributes } = event.Actor;
      const taskId = Attributes[LABEL.task];
      if (!taskId) return undefined;
      const attempts = book.records.get(taskId)?.attempts ?? [];
      const asked = attempts.some((one) => one.containerId === ID && one.stopAsked);
      const after = afterEvent(containers.get(ID), event, asked);
      if (after) containers.set(ID, after);
      else containers.delete(ID);
      return taskId;
    },
  };
};
