import { z } from 'zod';
import { defineRoute, IdParams, ListQuery, Moment, OwnListQuery, pageOf } from './route.ts';

export const AuditView = z.object({
  id: z.string(),
  at: Moment,
  actor: z.string(),
  via: z.string(),
  address: z.string(),
  action: z.string(),
  /** Kind and name, as a person reads it; the parts follow. */
  object: z.string(),
  objectKind: z.string().nullable(),
  objectId: z.string().nullable(),
  projectPath: z.string().nullable(),
  outcome: z.string(),
  /** `change` in it says field by field what it was and is: `{ from, to }`. */
  detail: z.record(z.string(), z.unknown()),
  /** The grant that allowed it; null for what needs none. */
  grantId: z.string().nullable(),
  /** Of a recorded terminal, at its `terminal.open`: what it showed, for `audit.recording`. */
  recordingId: z.string().nullable(),
  sealed: z.boolean(),
});
export type AuditView = z.infer<typeof AuditView>;

/** What entries can be looked for by; all of it together. */
const filters = {
  /** The whole name. */
  actor: z.string().max(300).optional(),
  /** `noun.verb`, or a noun for all of its verbs. */
  action: z.string().max(100).optional(),
  /** Id or whole name of what it was done to. */
  object: z.string().max(500).optional(),
  outcome: z.string().max(20).optional(),
  address: z.string().max(60).optional(),
  since: Moment.optional(),
  until: Moment.optional(),
};
export const AuditQuery = ListQuery.extend(filters);

/** A place in the chain: kept elsewhere, it shows that what came before it was rewritten, or cut off with it. */
export const Checkpoint = z.strictObject({
  sequence: z.string().regex(/^\d{1,18}$/),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});
export type Checkpoint = z.infer<typeof Checkpoint>;

/** A checkpoint as people keep it, `<number>:<hash>`; undefined for what is none. */
export const readCheckpoint = (text: string): Checkpoint | undefined => {
  const [sequence, hash] = text.trim().split(':');
  return Checkpoint.safeParse({ sequence, hash }).data;
};

/** What is wrong at the first place where the chain does not hold. */
export const ChainProblem = z.enum(['changed', 'missing', 'reordered', 'slipped in', 'cut', 'rewritten']);
export type ChainProblem = z.infer<typeof ChainProblem>;

export const Verification = z.object({
  ok: z.boolean(),
  /** Checked so far. */
  entries: z.number(),
  /** Id of the entry at which the chain does not hold, or the number of its seal. */
  firstBad: z.string().nullable(),
  problem: ChainProblem.nullable(),
  /** Number of the seal at that place. */
  sequence: z.string().nullable(),
  text: z.string(),
  /** How far it was checked. */
  head: Checkpoint.nullable(),
  /** There is more: ask again with this as `after`. */
  next: Checkpoint.nullable(),
  /** The last that is in an archive, and no longer here. */
  archivedTo: Checkpoint.nullable(),
});
export type Verification = z.infer<typeof Verification>;

export const AuditArchiveView = z.object({
  id: z.string(),
  /** `2026-11`. */
  month: z.string(),
  /** Its name in the folder `audit` of the data folder of the server that wrote it. */
  file: z.string(),
  server: z.string(),
  sha256: z.string(),
  bytes: z.number(),
  entries: z.number(),
  first: z.string(),
  last: Checkpoint,
  archivedAt: Moment,
});

export const auditRoutes = {
  list: defineRoute({
    id: 'audit.list',
    method: 'GET',
    path: '/audit',
    summary: 'Who did what, from where, and how it ended; a page may be short, and go on',
    permission: 'audit.read',
    query: AuditQuery,
    response: pageOf(AuditView),
  }),
  verify: defineRoute({
    id: 'audit.verify',
    method: 'POST',
    path: '/audit/verify',
    summary: 'Check the chain, for some seconds at a time',
    permission: 'audit.read',
    changesNothing: true,
    body: z
      .strictObject({
        /** Where an earlier answer ended. */
        after: Checkpoint.optional(),
        /** What was kept elsewhere. */
        checkpoint: Checkpoint.optional(),
      })
      .nullish(),
    response: Verification,
  }),
  export: defineRoute({
    id: 'audit.export',
    method: 'GET',
    path: '/audit/export',
    summary: 'Every entry that matches, newest first, as a file; audited itself',
    permission: 'audit.read',
    query: AuditQuery.omit({ sort: true, direction: true, limit: true, cursor: true }).extend({
      format: z.enum(['csv', 'json']).default('csv'),
    }),
    download: 'text/csv',
  }),
  recording: defineRoute({
    id: 'audit.recording',
    method: 'GET',
    path: '/audit/recordings/:id',
    summary: 'What a recorded terminal showed, in asciicast v2; audited itself',
    permission: 'audit.recording',
    params: IdParams,
    download: 'application/x-asciicast',
  }),
  archives: defineRoute({
    id: 'audit-archives.list',
    method: 'GET',
    path: '/audit/archives',
    summary: 'Months that were written out and are no longer here',
    permission: 'audit.read',
    query: OwnListQuery,
    response: pageOf(AuditArchiveView),
    live: ['settings'],
  }),
};
