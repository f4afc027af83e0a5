import { volumeRoutes } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import { recordEvents } from '../activity/events.store.ts';
import { recordAudit } from '../audit/audit.store.ts';
import { publishChange } from '../live/changes.ts';
import type { Database } from '../platform/db/database.ts';
import type { Mount } from '../platform/http/http.ts';
import { projectIdsWithin } from '../projects/projects.store.ts';
import { type ObjectUse, usesOfObjects } from '../stacks/object-uses.store.ts';
import { getVolume, markVolumeRemoved, pageOfVolumes, type VolumeListRow } from './volumes.store.ts';

/** Volumes of stacks, those whose stack is gone too. */
export const mountVolumeRoutes = (mount: Mount, database: Database): void => {
  const db = database.prisma;
  const viewOf = (row: VolumeListRow, uses: readonly ObjectUse[]) => {
    const { nodeId, nodeName, stackId: _, projectId: __, ...rest } = row;
    return {
      ...rest,
      node: nodeId && nodeName ? { id: nodeId, name: nodeName } : null,
      createdAt: row.createdAt.toISOString(),
      usedBy: uses
        .filter(({ objectId }) => objectId === row.id)
        .map(({ serviceId, name }) => ({ serviceId, name })),
    };
  };
  mount(volumeRoutes.list, async ({ query, ctx }) => {
    const page = await pageOfVolumes(
      db,
      await projectIdsWithin(db, ctx.scope('volume.read', query.project)),
      query,
    );
    const uses = await usesOfObjects(
      db,
      page.items.map(({ id }) => id),
    );
    return { ...page, items: page.items.map((row) => viewOf(row, uses)) };
  });
  mount(volumeRoutes.remove, async ({ params, body, ctx }) => {
    const row = await getVolume(db, params.id);
    ctx.authorize('volume.edit', row.projectPath);
    if (body.name !== row.name)
      throw new DomainError(
        'request.invalid',
        `Type the name of the volume, ${row.name}, to remove it with its data.`,
      );
    const now = new Date();
    await database.transaction(async (tx) => {
      const [use] = await usesOfObjects(tx, [row.id]);
      if (use)
        throw new DomainError('in-use', `${use.name} uses the volume ${row.name}.`, {
          hint: 'Take it out of the file of that stack and apply it first.',
        });
      await markVolumeRemoved(tx, row.id, now);
      await recordEvents(tx, [
        {
          kind: 'volume.remove',
          text: `${ctx.subject.name} removed the volume ${row.stackName}/${row.name} with its data`,
          projectId: row.projectId,
          stackId: row.stackId,
          nodeId: row.nodeId,
          actorName: ctx.subject.name,
        },
      ]);
      await recordAudit(tx, ctx, {
        action: 'volume.remove',
        object: { kind: 'volume', id: row.id, name: `${row.stackName}/${row.name}` },
        projectPath: row.projectPath,
      });
      await publishChange(tx, { kind: 'volume', ids: [row.id] });
    });
    return null;
  });
};
