import type { ImagePin, PortSpec, RolloutCause, RolloutState } from '@portreeve/domain';
import type { Tx } from '../platform/db/database.ts';
import { Prisma } from '../platform/db/generated/client.ts';

/** A service with everything its state is derived from, in one row. */
export type ServiceListRow = {
  id: string;
  name: string;
  stackId: string;
  stackName: string;
  projectId: string;
  projectPath: string;
  mode: 'replicated' | 'global';
  desired: 'running' | 'stopped' | 'removed';
  replicas: number;
  version: number;
  currentRevisionId: string | null;
  waitingOn: { kind: string; services?: string[]; sentence?: string }[];
  next: string;
  changedAt: Date;
  changedBy: string;
  revision: number;
  image: string;
  pin: ImagePin | null;
  ports: PortSpec[];
  live: number;
  /** Slots with a task that should run. */
  slots: number;
  ready: number;
  fresh: number;
  unknown: number;
  complete: number;
  trouble: string | null;
  troubleState: string | null;
  rollout: {
    id: string;
    number: number;
    state: RolloutState;
    cause: RolloutCause;
    causedBy: string;
    fromRevision: number | null;
    toRevision: number;
    toRevisionId: string;
    restartToken: string | null;
    startedAt: string;
    endedAt: string | null;
    reason: string;
    turned: number;
  } | null;
};

export type ServiceScope = {
  ids?: readonly string[];
  stackIds?: readonly string[];
  projectIds?: readonly string[];
};

const uuids = (ids: readonly string[]) => Prisma.sql`ANY(${[...ids]}::uuid[])`;

const scoped = ({ ids, stackIds, projectIds }: ServiceScope): Prisma.Sql =>
  Prisma.join(
    [
      Prisma.sql`s."removedAt" IS NULL`,
      ...(ids ? [Prisma.sql`s.id = ${uuids(ids)}`] : []),
      ...(stackIds ? [Prisma.sql`s."stackId" = ${uuids(stackIds)}`] : []),
      ...(projectIds ? [Prisma.sql`k."projectId" = ${uuids(projectIds)}`] : []),
    ],
    ' AND ',
  );

/** Services of a scope, with counts of their tasks, their last rollout and the newest trouble. */
export const serviceRows = (db: Tx, scope: ServiceScope): Promise<ServiceListRow[]> => db.$queryRaw<
  ServiceListRow[]
>`
  SELECT s.id, s.name, s."stackId", k.name AS "stackName", k."projectId", p.path AS "projectPath", s.mode, s.desired,
    s.replicas, s.version, s."currentRevisionId", s."waitingOn", s.next, s."changedAt", s."changedBy",
    coalesce(r.number, 0) AS revision, coalesce(r.spec->>'image', '') AS image, r.pin,
    coalesce(r.spec->'ports', '[]'::jsonb) AS ports, t.live, t.slots, t.ready, t.fresh, t.unknown, c.complete,
    trouble.reason AS trouble, trouble.state AS "troubleState", o.rollout
  FROM "Service" s JOIN "Stack" k ON k.id = s."stackId" JOIN "Project" p ON p.id = k."projectId"
  LEFT JOIN "Revision" r ON r.id = s."currentRevisionId"
  LEFT JOIN LATERAL (
    SELECT count(*)::int AS live, count(DISTINCT t.slot) FILTER (WHERE t.desired = 'running')::int AS slots,
      count(*) FILTER (WHERE t.ready AND t.state = 'running' AND t.desired = 'running' AND NOT coalesce(n."leaseUntil" < now(), false))::int AS ready,
      count(*) FILTER (WHERE NOT t.ready AND t.desired = 'running' AND t.attempts < 2 AND t."createdAt" > now() - interval '2 minutes')::int AS fresh,
      count(*) FILTER (WHERE t.desired = 'running' AND coalesce(n."leaseUntil" < now(), false))::int AS unknown
    FROM "Task" t LEFT JOIN "Node" n ON n.id = t."nodeId"
    WHERE t."serviceId" = s.id AND t.state NOT IN ('complete', 'stopped', 'failed', 'rejected', 'lost')
  ) t ON true
  LEFT JOIN LATERAL (
    SELECT count(DISTINCT slot)::int AS complete FROM "Task"
    WHERE "serviceId" = s.id AND state = 'complete' AND desired = 'running' AND "revisionId" = s."currentRevisionId"
  ) c ON true
  LEFT JOIN LATERAL (
    SELECT t.reason, t.state FROM "Task" t WHERE t."serviceId" = s.id AND t.reason <> '' AND t.desired = 'running'
      AND NOT t.ready AND (t."endedAt" IS NULL OR t."endedAt" > now() - interval '10 minutes')
    ORDER BY t."stateAt" DESC LIMIT 1
  ) trouble ON true
  LEFT JOIN LATERAL (
    SELECT jsonb_build_object('id', o.id, 'number', o.number, 'state', o.state, 'cause', o.cause, 'causedBy', o."causedBy",
      'fromRevision', f.number, 'toRevision', g.number, 'toRevisionId', o."toRevisionId", 'restartToken', o."restartToken",
      'startedAt', to_char(o."startedAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'endedAt', to_char(o."endedAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'reason', o.reason,
      'turned', (SELECT count(DISTINCT x.slot) FROM "Task" x WHERE x."serviceId" = s.id AND x."revisionId" = o."toRevisionId"
        AND x.ready AND x.desired = 'running' AND (o."restartToken" IS NULL OR x."createdAt" >= o."startedAt"))) AS rollout
    FROM "Rollout" o JOIN "Revision" g ON g.id = o."toRevisionId" LEFT JOIN "Revision" f ON f.id = o."fromRevisionId"
    WHERE o."serviceId" = s.id ORDER BY o.number DESC LIMIT 1
  ) o ON true
  WHERE ${scoped(scope)}
  ORDER BY k.name, s.name`;

export type EndpointRow = { serviceId: string; endpoint: string };

/** Where ready tasks of these services can be reached on their hosts. */
export const endpointRows = (db: Tx, serviceIds: readonly string[]): Promise<EndpointRow[]> =>
  serviceIds.length === 0
    ? Promise.resolve([])
    : db.$queryRaw<EndpointRow[]>`
  SELECT DISTINCT t."serviceId", coalesce(nullif(port->>'hostAddress', ''), nullif(n."hostAddress", ''), n.name)
    || ':' || (port->>'published') || CASE WHEN port->>'protocol' = 'tcp' THEN '' ELSE '/' || (port->>'protocol') END AS endpoint
  FROM "Task" t JOIN "Node" n ON n.id = t."nodeId", jsonb_array_elements(t.ports) AS port
  WHERE t."serviceId" = ${uuids(serviceIds)} AND t.state = 'running' AND t.desired = 'running' ORDER BY 2`;
