import type { Placed } from '@portreeve/planning';
import { reserveAddresses } from '../networks/addresses.store.ts';
import type { Tx } from '../platform/db/database.ts';
import type { TaskNetwork } from '../stacks/rows.ts';
import { bindVolumes, copyVolumes } from '../volumes/volumes.store.ts';
import { joiningOf } from './address-room.ts';
import { type Candidate, type Prepared, placementKept, type ServiceStep } from './prepare.ts';

export type StoredTasks = { taskIds: string[]; nodeIds: string[]; networkIds: string[] };

/** Nodes whose version still is what the plan saw get the next one; false when one moved. */
const claimNodes = async (tx: Tx, placed: readonly Placed[]): Promise<boolean> => {
  const versions = new Map(placed.map(({ nodeId, nodeVersion }) => [nodeId, nodeVersion]));
  if (versions.size === 0) return true;
  const ids = [...versions.keys()].sort();
  const claimed = await tx.$executeRaw`
    UPDATE "Node" n SET version = n.version + 1
    FROM unnest(${ids}::uuid[], ${ids.map((id) => versions.get(id) ?? 0)}::int[]) AS w(id, version)
    WHERE n.id = w.id AND n.version = w.version AND n."removedAt" IS NULL`;
  return claimed === ids.length;
};

/** Columns that say where a task is; the same for a new one and for one that waited. */
const placeColumns = (
  candidate: Candidate,
  decision: Placed,
  networks: readonly TaskNetwork[],
  now: Date,
) => ({
  nodeId: decision.nodeId,
  state: 'assigned',
  stateAt: now,
  reason: '',
  networks,
  ports: decision.ports,
  volumes: candidate.volumes,
});

const baseColumns = (candidate: Candidate, now: Date) => {
  const { revision, step, wish } = candidate;
  const { reservations, mounts } = revision.spec;
  return {
    id: candidate.id,
    serviceId: step.rows.service.id,
    revisionId: revision.id,
    slot: wish.slot,
    hold: wish.hold,
    replaces: wish.replaces ?? null,
    replacesContainer: candidate.replacesContainer ?? null,
    cpus: reservations.cpus ?? 0,
    memoryBytes: reservations.memoryBytes ?? 0,
    pids: reservations.pids ?? 0,
    hasLocalVolume: mounts.some((mount) => mount.kind === 'volume' && mount.source !== undefined),
    createdAt: now,
    stateAt: now,
  };
};

/** New tasks, all in one value: as rows of parameters each had twenty, which took longer to put together than to store. */
const insertTasks = async (tx: Tx, rows: readonly object[]): Promise<void> => {
  if (rows.length === 0) return;
  await tx.$executeRaw`
    INSERT INTO "Task" (id, "serviceId", "revisionId", slot, hold, replaces, "replacesContainer", cpus, "memoryBytes",
      pids, "hasLocalVolume", "createdAt", "stateAt", "nodeId", state, reason, networks, ports, volumes, placement)
    SELECT id, "serviceId", "revisionId", slot, hold, replaces, "replacesContainer", cpus, "memoryBytes",
      pids, "hasLocalVolume", "createdAt", "stateAt", "nodeId", state, reason, coalesce(networks, '[]'),
      coalesce(ports, '[]'), coalesce(volumes, '[]'), placement
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS w(id uuid, "serviceId" uuid, "revisionId" uuid, slot int,
      hold boolean, replaces uuid, "replacesContainer" text, cpus float8, "memoryBytes" bigint, pids int,
      "hasLocalVolume" boolean, "createdAt" timestamptz, "stateAt" timestamptz, "nodeId" uuid, state text, reason text,
      networks jsonb, ports jsonb, volumes jsonb, placement jsonb)`;
};

/** Tasks that waited get their node, or the newest reason why there is none; one statement for all. */
const updateWaiting = async (tx: Tx, rows: readonly object[]): Promise<void> => {
  if (rows.length === 0) return;
  await tx.$executeRaw`
    UPDATE "Task" t SET "nodeId" = w."nodeId", state = coalesce(w.state, t.state),
      "stateAt" = coalesce(w."stateAt", t."stateAt"), reason = w.reason, placement = w.placement,
      networks = coalesce(w.networks, t.networks), ports = coalesce(w.ports, t.ports),
      volumes = coalesce(w.volumes, t.volumes)
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS w(id uuid, "nodeId" uuid, state text,
      "stateAt" timestamptz, reason text, placement jsonb, networks jsonb, ports jsonb, volumes jsonb)
    WHERE t.id = w.id AND t.state = 'pending' AND t.desired = 'running' AND t."nodeId" IS NULL`;
};

/**
 * Writes the new tasks of the batch with everything reserved for them, and gives those that waited their node.
 * Undefined when a node or volume is no longer as the plan saw it.
 */
export const storeTasks = async (
  tx: Tx,
  prepared: Prepared,
  steps: ReadonlySet<ServiceStep>,
  now: Date,
): Promise<StoredTasks | undefined> => {
  const candidates = prepared.candidates.filter(({ step }) => steps.has(step));
  if (candidates.length === 0) return { taskIds: [], nodeIds: [], networkIds: [] };
  const decided = candidates.flatMap((candidate) => {
    const decision = prepared.placed.decisions.get(candidate.id);
    return decision ? [{ candidate, decision }] : [];
  });
  const placed = decided.flatMap(({ candidate, decision }) =>
    decision.kind === 'placed' ? [{ candidate, decision }] : [],
  );
  if (
    !(await claimNodes(
      tx,
      placed.map(({ decision }) => decision),
    ))
  )
    return undefined;

  const usedVolumes = new Set(
    placed.flatMap(({ candidate }) => candidate.volumes.map(({ volumeId }) => volumeId)),
  );
  const bindings = new Map([...prepared.placed.bindings].filter(([id]) => usedVolumes.has(id)));
  await copyVolumes(
    tx,
    prepared.copies.filter(({ id }) => usedVolumes.has(id)),
  );
  if (!(await bindVolumes(tx, bindings))) return undefined;

  const joining = placed.flatMap(({ candidate, decision }) => joiningOf(candidate, decision.nodeId));
  const addresses = await reserveAddresses(tx, joining);
  const whereOf = (candidate: Candidate, decision: Placed) =>
    placeColumns(candidate, decision, addresses.get(candidate.id) ?? [], now);

  const fresh = decided
    .filter(({ candidate }) => !candidate.waiting)
    .map(({ candidate, decision }) => ({
      ...baseColumns(candidate, now),
      placement: placementKept(decision, candidate.wish),
      ...(decision.kind === 'placed'
        ? whereOf(candidate, decision)
        : { state: 'pending', reason: decision.sentence }),
    }));
  await insertTasks(tx, fresh);

  await updateWaiting(
    tx,
    decided
      .filter(({ candidate }) => candidate.waiting)
      .map(({ candidate, decision }) => ({
        id: candidate.id,
        placement: placementKept(decision, candidate.wish),
        ...(decision.kind === 'placed' ? whereOf(candidate, decision) : { reason: decision.sentence }),
      })),
  );
  return {
    taskIds: candidates.map(({ id }) => id),
    nodeIds: placed.map(({ decision }) => decision.nodeId),
    networkIds: [...new Set(joining.flatMap(({ networks }) => networks.map(({ networkId }) => networkId)))],
  };
};
