import type { RolloutSummary, ServiceSummary } from '@portreeve/contract';
import type { Tx } from '../platform/db/database.ts';
import { endpointRows, type ServiceListRow, type ServiceScope, serviceRows } from './service-rows.store.ts';
import { standingOf } from './service-state.ts';

const rolloutSummary = (row: ServiceListRow, slots: number): RolloutSummary | null => {
  if (!row.rollout) return null;
  const { toRevisionId: _, restartToken: __, ...rollout } = row.rollout;
  return { ...rollout, turned: Math.min(rollout.turned, slots), slots };
};

/** A row as lists show it. */
export const summaryOf = (row: ServiceListRow, endpoints: readonly string[]): ServiceSummary => {
  const standing = standingOf(row);
  return {
    id: row.id,
    name: row.name,
    stackId: row.stackId,
    stackName: row.stackName,
    projectPath: row.projectPath,
    mode: row.mode,
    desired: row.desired,
    count: standing.count,
    revision: row.revision,
    image: row.image,
    digest: (row.pin?.kind === 'local' ? row.pin.imageId : row.pin?.digest) ?? null,
    state: standing.state,
    why: standing.why,
    changedAt: row.changedAt.toISOString(),
    changedBy: row.changedBy,
    endpoints: [...endpoints],
    rollout: rolloutSummary(row, standing.count.wanted),
  };
};

/** Services of a scope as the contract shows them. */
export const serviceSummaries = async (db: Tx, scope: ServiceScope): Promise<ServiceSummary[]> => {
  const rows = await serviceRows(db, scope);
  const published = rows.filter(({ ports }) => ports.some((port) => port.published !== undefined));
  const endpoints = Map.groupBy(
    await endpointRows(
      db,
      published.map(({ id }) => id),
    ),
    ({ serviceId }) => serviceId,
  );
  return rows.map((row) =>
    summaryOf(
      row,
      (endpoints.get(row.id) ?? []).map(({ endpoint }) => endpoint),
    ),
  );
};
