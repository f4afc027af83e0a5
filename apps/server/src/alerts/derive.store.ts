import { formatDuration } from '@portreeve/domain';
import type { Tx } from '../platform/db/database.ts';
import { heldDirectories, silentDirectories } from './derive-directories.store.ts';
import type { DerivedAlert } from './derived.ts';

/** Kinds that are derived here: what is open of them and not derived any more has ended. */
export const DERIVED_KINDS = [
  'node-lost',
  'engine-unreachable',
  'rollout-paused',
  'rollout-failed',
  'crash-loop',
  'unplaceable',
  'certificate',
  'same-address',
  'directory-silent',
  'directory-held',
] as const;

const CRASHES = 3;
const CRASH_WINDOW_MS = 10 * 60_000;

const lostNodes = async (db: Tx): Promise<DerivedAlert[]> => {
  const rows = await db.node.findMany({ where: { removedAt: null, state: 'lost' } });
  return rows.map(({ id, name, projectId, lostAt, lastError }) => ({
    key: `node-lost:${id}:${lostAt?.getTime() ?? 0}`,
    kind: 'node-lost',
    severity: 'critical',
    message: `The node ${name} is lost${lastError ? `: ${lastError}` : ''}.`,
    hint: 'See its page for why. Tasks with local volumes wait for it; if it never returns, remove it.',
    ...{ objectKind: 'node', objectId: id, projectId },
  }));
};

const deadEngines = async (db: Tx): Promise<DerivedAlert[]> => {
  const rows = await db.$queryRaw<{ id: string; name: string; projectId: string; error: string | null }[]>`
    SELECT id, name, "projectId", facts->'engine'->>'error' AS error FROM "Node"
    WHERE "removedAt" IS NULL AND state = 'ready' AND (facts->'engine'->>'reachable') = 'false'`;
  return rows.map(({ id, name, projectId, error }) => ({
    key: `engine-unreachable:${id}`,
    kind: 'engine-unreachable',
    severity: 'critical',
    message: `The engine of ${name} does not answer${error ? `: ${error}` : ''}.`,
    hint: 'The agent is there; look at the engine on that host.',
    ...{ objectKind: 'node', objectId: id, projectId },
  }));
};

type RolloutAlertRow = {
  id: string;
  number: number;
  state: string;
  reason: string;
  rollingBack: boolean;
  name: string;
  projectId: string;
};

/** The last rollout of a service, when it ended badly or waits for a person who did not pause it. */
const rollouts = async (db: Tx): Promise<DerivedAlert[]> => {
  const rows = await db.$queryRaw<RolloutAlertRow[]>`
    SELECT * FROM (SELECT DISTINCT ON (o."serviceId") o.id, o.number, o.state, o.reason, o."rollingBack",
      k.name || '/' || s.name AS name, k."projectId", o."endedAt"
      FROM "Rollout" o JOIN "Service" s ON s.id = o."serviceId" JOIN "Stack" k ON k.id = s."stackId"
      WHERE s."removedAt" IS NULL AND s.desired = 'running' ORDER BY o."serviceId", o.number DESC) AS last
    WHERE (state = 'paused' AND reason NOT LIKE 'paused by %')
      OR (state IN ('failed', 'rolled back') AND "endedAt" > now() - interval '1 day')`;
  return rows.map(({ id, number, state, reason, rollingBack, name, projectId }) => {
    const paused = state === 'paused';
    return {
      key: `rollout-${paused ? 'paused' : 'failed'}:${id}`,
      kind: paused ? 'rollout-paused' : 'rollout-failed',
      severity: rollingBack && paused ? 'critical' : state === 'failed' ? 'critical' : 'warning',
      message: `Rollout ${number} of ${name} ${paused ? 'is paused' : state === 'failed' ? 'failed' : 'was rolled back'}: ${reason}.`,
      hint: paused
        ? 'Look at its slots, then resume, undo or abort it.'
        : 'Look at the exits of its tasks before the next try.',
      ...{ objectKind: 'rollout', objectId: id, projectId },
    };
  });
};

type CrashRow = { id: string; name: string; projectId: string; exits: number; reason: string | null };

/** What ran and ended with its engine or host did not crash, however many did; what the engine could not start, did. */
const crashLoops = async (db: Tx): Promise<DerivedAlert[]> => {
  const since = new Date(Date.now() - CRASH_WINDOW_MS);
  const rows = await db.$queryRaw<CrashRow[]>`
    SELECT s.id, k.name || '/' || s.name AS name, k."projectId", count(*)::int AS exits,
      (array_agg(e.record->>'reason' ORDER BY e."endedAt" DESC))[1] AS reason
    FROM "TaskExit" e JOIN "Task" t ON t.id = e."taskId" JOIN "Service" s ON s.id = t."serviceId"
    JOIN "Stack" k ON k.id = s."stackId"
    WHERE e."endedAt" > ${since} AND e.record->>'endedBy' <> 'portreeve' AND s."removedAt" IS NULL
      AND NOT (e.record->>'endedBy' = 'engine' AND e.record->>'startedAt' IS NOT NULL)
      AND s.desired = 'running' AND (e.record->>'exitCode' IS DISTINCT FROM '0' OR e.record->>'outOfMemory' = 'true')
    GROUP BY s.id, k.name, s.name, k."projectId" HAVING count(*) >= ${CRASHES}`;
  return rows.map(({ id, name, projectId, exits, reason }) => ({
    key: `crash-loop:${id}`,
    kind: 'crash-loop',
    severity: 'warning',
    message: `Tasks of ${name} ended ${exits} times in ${formatDuration(CRASH_WINDOW_MS)}${reason ? `, last: ${reason}` : ''}.`,
    hint: 'Its tasks keep an exit record each, with the end of their log.',
    ...{ objectKind: 'service', objectId: id, projectId },
  }));
};

const unplaceable = async (db: Tx): Promise<DerivedAlert[]> => {
  const rows = await db.$queryRaw<
    { id: string; name: string; projectId: string; tasks: number; reason: string }[]
  >`
    SELECT s.id, k.name || '/' || s.name AS name, k."projectId", count(*)::int AS tasks, min(t.reason) AS reason
    FROM "Task" t JOIN "Service" s ON s.id = t."serviceId" JOIN "Stack" k ON k.id = s."stackId"
    WHERE t.state = 'pending' AND t."nodeId" IS NULL AND t.desired = 'running'
      AND t."createdAt" < now() - interval '10 seconds'
    GROUP BY s.id, k.name, s.name, k."projectId"`;
  return rows.map(({ id, name, projectId, tasks, reason }) => ({
    key: `unplaceable:${id}`,
    kind: 'unplaceable',
    severity: 'warning',
    message: `${tasks} ${tasks === 1 ? 'task' : 'tasks'} of ${name} ${tasks === 1 ? 'has' : 'have'} no node: ${reason}.`,
    hint: 'Its page shows node by node what is missing.',
    ...{ objectKind: 'service', objectId: id, projectId },
  }));
};

/** Certificates that should have renewed themselves long ago: less than a sixth of their life is left. */
const certificates = async (db: Tx): Promise<DerivedAlert[]> => {
  const rows = await db.$queryRaw<{ id: string; name: string; projectId: string; left: number }[]>`
    SELECT n.id, n.name, n."projectId", extract(epoch FROM max(c."notAfter") - now())::float8 * 1000 AS left
    FROM "Node" n JOIN "NodeCertificate" c ON c."nodeId" = n.id AND c."revokedAt" IS NULL
    WHERE n."removedAt" IS NULL GROUP BY n.id
    HAVING max(c."notAfter") - now() < (max(c."notAfter") - max(c."createdAt")) / 6`;
  return rows.map(({ id, name, projectId, left }) => ({
    key: `certificate:${id}`,
    kind: 'certificate',
    severity: left < 86_400_000 ? 'critical' : 'warning',
    message:
      left > 0
        ? `The certificate of ${name} ends in ${formatDuration(left)} and has not renewed itself.`
        : `The certificate of ${name} has ended.`,
    hint: 'See on its page whether its agent is connected; a token made for this node lets it join again.',
    ...{ objectKind: 'node', objectId: id, projectId },
  }));
};

/** A host says its address itself: another's, be it a lie or two sites with the same, is none that leads to it. */
const sameAddresses = async (db: Tx): Promise<DerivedAlert[]> => {
  const rows = await db.$queryRaw<
    { id: string; name: string; other: string; projectId: string; address: string }[]
  >`
    SELECT DISTINCT ON (n.id) n.id, n.name, o.name AS other, n."projectId", n."hostAddress" AS address
    FROM "Node" n JOIN "Node" o ON o."hostAddress" = n."hostAddress" AND o.id < n.id AND o."removedAt" IS NULL
    WHERE n."removedAt" IS NULL AND n."hostAddress" <> '' AND EXISTS (
      SELECT FROM "Address" a JOIN "Address" b ON b."networkId" = a."networkId"
      WHERE a."nodeId" = n.id AND b."nodeId" = o.id)
    ORDER BY n.id, o.id`;
  return rows.map(({ id, name, other, projectId, address }) => ({
    key: `same-address:${id}`,
    kind: 'same-address',
    severity: 'critical',
    message: `${name} and ${other} both say that ${address} is their address: their tasks do not reach each other.`,
    hint: 'Other hosts need an address for each that leads to it alone. If one of the two is not what it says, remove its node.',
    ...{ objectKind: 'node', objectId: id, projectId },
  }));
};

const EACH = [
  ...[lostNodes, deadEngines, rollouts, crashLoops, unplaceable, certificates, sameAddresses],
  ...[silentDirectories, heldDirectories],
];

/** Everything that needs a person now. */
export const deriveAlerts = async (db: Tx): Promise<DerivedAlert[]> =>
  (await Promise.all(EACH.map((ask) => ask(db)))).flat();
