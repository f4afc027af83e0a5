import type { Tx } from '../platform/db/database.ts';
import type { DerivedAlert } from './derived.ts';

type Row = { id: string; name: string; text: string };

/**
 * Nobody is let in by it, and who left the company stays in until it answers again. One sync that fails is told in its
 * log; three in a row need a person.
 */
export const silentDirectories = async (db: Tx): Promise<DerivedAlert[]> => {
  const rows = await db.$queryRaw<Row[]>`
    SELECT d.id, d.name, r.log->-1->>'text' AS text FROM "Directory" d JOIN LATERAL (
      SELECT outcome, log FROM "DirectoryRun" WHERE "directoryId" = d.id AND outcome <> 'running'
      ORDER BY "startedAt" DESC, id DESC LIMIT 1) r ON r.outcome = 'failed'
    WHERE d.enabled AND d."removedAt" IS NULL
      AND coalesce((d.mark->>'at')::timestamptz, d."createdAt")
        < now() - make_interval(secs => 3 * (d.configuration->>'syncSeconds')::int)`;
  return rows.map(({ id, name, text }) => ({
    key: `directory-silent:${id}`,
    kind: 'directory-silent',
    severity: 'critical',
    message: `The directory ${name} cannot be synced. ${text}`,
    hint: 'Test it on its page. Accounts of the console itself go on working.',
    ...{ objectKind: 'directory', objectId: id, projectId: null },
  }));
};

/** What it would take away is still there until a person says yes or mends the directory. */
export const heldDirectories = async (db: Tx): Promise<DerivedAlert[]> => {
  const rows = await db.$queryRaw<Row[]>`
    SELECT d.id, d.name, r.log->-2->>'text' AS text FROM "Directory" d
    JOIN "DirectoryRun" r ON r.id = d."heldRunId"
    WHERE d.enabled AND d."removedAt" IS NULL`;
  return rows.map(({ id, name, text }) => ({
    key: `directory-held:${id}`,
    kind: 'directory-held',
    severity: 'critical',
    message: `A sync of ${name} stopped and waits for a yes: ${text}`,
    hint: 'Look at its preview: confirm it, or mend the directory.',
    ...{ objectKind: 'directory', objectId: id, projectId: null },
  }));
};
