import { DomainError } from '@portreeve/domain';
import type { Tx } from '../platform/db/database.ts';
import { lineage } from '../projects/projects.store.ts';

/** Whether a project, or one above it, asks that terminals are recorded. */
export const asksForRecording = async (db: Tx, projectPath: string): Promise<boolean> =>
  (await lineage(db, projectPath)).some(({ recordTerminals }) => recordTerminals);

export type NewRecording = {
  id: string;
  taskId: string;
  objectName: string;
  userName: string;
  projectPath: string;
  columns: number;
  rows: number;
  startedAt: Date;
};

export const beginRecording = async (tx: Tx, recording: NewRecording): Promise<void> => {
  await tx.terminalRecording.create({ data: recording });
};

/** Once: a second one of the same number changes nothing. */
export const storeChunk = async (
  db: Tx,
  chunk: { recordingId: string; number: number; sealedLines: string },
): Promise<void> => {
  await db.recordingChunk.createMany({ data: [chunk], skipDuplicates: true });
};

/** Throws `not-found`. */
export const getRecording = async (db: Tx, id: string): Promise<NewRecording> => {
  const row = await db.terminalRecording.findUnique({ where: { id } });
  if (row) return row;
  throw new DomainError('not-found', 'There is no such recording.', {
    hint: 'Recordings go with the month of the audit that they belong to.',
  });
};

export const chunkOf = async (db: Tx, recordingId: string, number: number): Promise<string | undefined> =>
  (await db.recordingChunk.findUnique({ where: { recordingId_number: { recordingId, number } } }))
    ?.sealedLines;
