import { networkRoutes } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import { recordAudit } from '../audit/audit.store.ts';
import { publishChange } from '../live/changes.ts';
import type { Database } from '../platform/db/database.ts';
import type { Mount } from '../platform/http/http.ts';
import { projectIdsWithin } from '../projects/projects.store.ts';
import { type ObjectUse, usesOfObjects } from '../stacks/object-uses.store.ts';
import {
  deleteNetwork,
  getNetwork,
  heldAddresses,
  type NetworkListRow,
  pageOfNetworks,
} from './networks.store.ts';

/** Networks of stacks, and who is on them. */
export const mountNetworkRoutes = (mount: Mount, database: Database): void => {
  const db = database.prisma;
  const viewOf = (row: NetworkListRow, uses: readonly ObjectUse[]) => ({
    ...row,
    createdAt: row.createdAt.toISOString(),
    usedBy: uses
      .filter(({ objectId }) => objectId === row.id)
      .map(({ serviceId, name }) => ({ serviceId, name })),
  });
  mount(networkRoutes.list, async ({ query, ctx }) => {
    const page = await pageOfNetworks(
      db,
      await projectIdsWithin(db, ctx.scope('network.read', query.project)),
      query,
    );
    const uses = await usesOfObjects(
      db,
      page.items.map(({ id }) => id),
    );
    return { ...page, items: page.items.map((row) => viewOf(row, uses)) };
  });
  mount(networkRoutes.remove, async ({ params, ctx }) => {
    const row = await getNetwork(db, params.id);
    ctx.authorize('network.edit', row.projectPath);
    await database.transaction(async (tx) => {
      const [use] = await usesOfObjects(tx, [row.id]);
      const held = await heldAddresses(tx, row.id);
      if (use || held > 0)
        throw new DomainError(
          'in-use',
          `The network ${row.name} is used by ${use?.name ?? `${held} tasks that have not ended`}.`,
          {
            hint: 'Take it out of the file of that stack and apply it first.',
          },
        );
      await deleteNetwork(tx, row.id);
      await recordAudit(tx, ctx, {
        action: 'network.remove',
        object: { kind: 'network', id: row.id, name: `${row.stackName}/${row.name}` },
        projectPath: row.projectPath,
      });
      await publishChange(tx, { kind: 'network', ids: [row.id] });
    });
    return null;
  });
};
