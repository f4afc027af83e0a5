import { Readable } from 'node:stream';
import { auditRoutes } from '@portreeve/contract';
import { recordAudit } from '../audit/audit.store.ts';
import type { Tx } from '../platform/db/database.ts';
import type { ClusterKeys } from '../platform/keys/cluster-key.ts';
import type { Platform } from '../platform.ts';
import { recordingContext } from './recorder.ts';
import { chunkOf, getRecording } from './recordings.store.ts';

async function* linesOf(db: Tx, keys: ClusterKeys, id: string): AsyncGenerator<string> {
  for (let number = 0; ; number += 1) {
    const sealed = await chunkOf(db, id, number);
    if (sealed === undefined) return;
    yield keys.unseal(sealed, recordingContext(id, number));
  }
}

/** What recorded terminals showed; each look at one is in the audit. */
export const mountRecordingRoutes = ({ http, database, keys }: Platform): void => {
  http.mount(auditRoutes.recording, async ({ params, ctx, http: answer }) => {
    const recording = await getRecording(database.prisma, params.id);
    ctx.authorize('audit.recording', recording.projectPath);
    await database.transaction((tx) =>
      recordAudit(tx, ctx, {
        action: 'recording.read',
        object: { kind: 'task', id: recording.taskId, name: recording.objectName },
        projectPath: recording.projectPath,
        detail: { stream: recording.id, shownTo: recording.userName, at: recording.startedAt.toISOString() },
      }),
    );
    answer?.reply
      .type('application/x-asciicast; charset=utf-8')
      .header('content-disposition', `attachment; filename="terminal-${recording.id}.cast"`);
    return Readable.from(linesOf(database.prisma, keys, recording.id), { objectMode: false }) as never;
  });
};
