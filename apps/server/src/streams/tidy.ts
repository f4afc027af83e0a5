import { recordAudit } from '../audit/audit.store.ts';
import type { Database } from '../platform/db/database.ts';
import { systemContext } from '../platform/http/context.ts';
import { dropOldStreams, endOrphans, tasksNamed } from './streams.store.ts';

const REASON = 'The server that carried it ended.';

/** Ends what a server that was killed has left open: a terminal's end is in the audit, whoever has to write it there. */
export const tidyStreams = async (database: Database, now: Date): Promise<void> => {
  await database.transaction(async (tx) => {
    const orphans = await endOrphans(tx, now, REASON);
    for (const { id, taskId, userName } of orphans.filter(({ kind }) => kind === 'terminal')) {
      const [task] = await tasksNamed(tx, [taskId]).catch(() => []);
      await recordAudit(tx, systemContext('streams'), {
        action: 'terminal.close',
        object: { kind: 'task', id: taskId, name: task ? `${task.serviceName}.${task.slot}` : taskId },
        projectPath: task?.projectPath ?? '/',
        detail: { stream: id, node: task?.nodeName ?? '', openedBy: userName ?? '', reason: REASON },
      });
    }
    await dropOldStreams(tx, now);
  });
};
