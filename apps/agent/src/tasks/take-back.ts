import type { SeenContainer } from '../engine/seen.ts';
import type { TaskContext } from './context.ts';
import { newRecord } from './record.ts';

/** The record was lost, the document was not: containers that it vouches for are taken back (SPEC.md, T6). */
export const takeBack = (context: TaskContext, isAssigned: (taskId: string) => boolean): void => {
  const { book } = context;
  if (!book.fresh) return;
  book.fresh = false;
  for (const container of context.containers.values()) {
    if (!isAssigned(container.taskId) || container.attempt < 1) continue;
    const record = book.records.get(container.taskId) ?? newRecord(container.taskId, Date.now());
    const { id: containerId, attempt, name } = container;
    record.imageReady = true;
    record.state = 'starting';
    record.attempts = [...record.attempts, { attempt, name, containerId, launchedAt: Date.now() }].sort(
      (a, b) => a.attempt - b.attempt,
    );
    book.records.set(record.taskId, record);
    context.event({ kind: 'agent', taskId: record.taskId, text: `took back the container ${name}` });
  }
};

/** Containers that claim to be ours and are neither in the record nor in the document: said, and left alone (SPEC.md, T5). */
export const reportStrangers = (
  context: TaskContext,
  isKnown: (container: SeenContainer) => boolean,
): void => {
  for (const container of context.containers.values()) {
    if (isKnown(container)) continue;
    const text = `container ${container.name} carries our label and is not in this host's record: it is left alone`;
    context.event({ kind: 'agent', text, ok: false });
  }
};
