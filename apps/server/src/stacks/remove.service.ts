import { DomainError } from '@portreeve/domain';
import { recordEvents } from '../activity/events.store.ts';
import { recordAudit } from '../audit/audit.store.ts';
import { publishChange } from '../live/changes.ts';
import type { Database, Tx } from '../platform/db/database.ts';
import type { RequestContext } from '../platform/http/context.ts';
import { removeStackObjects } from '../rollouts/finish-removals.store.ts';

/** Another stack may use a network or volume of this one as external: it would lose it. */
const requireUnshared = async (tx: Tx, stackId: string): Promise<void> => {
  const [other] = await tx.$queryRaw<{ name: string }[]>`
    SELECT k.name FROM "Service" s JOIN "Stack" k ON k.id = s."stackId"
    JOIN "Revision" r ON r.id = s."currentRevisionId", jsonb_array_elements(r."filePins") AS used
    WHERE s."removedAt" IS NULL AND s."stackId" <> ${stackId}::uuid AND s.desired <> 'removed'
      AND used->>'objectId' IN (SELECT id::text FROM "Network" WHERE "stackId" = ${stackId}::uuid
        UNION SELECT id::text FROM "Volume" WHERE "stackId" = ${stackId}::uuid)
    LIMIT 1`;
  if (!other) return;
  throw new DomainError('in-use', `The stack ${other.name} uses a network or volume of this one.`, {
    hint: `Remove ${other.name} first, or take the external object out of its file.`,
  });
};

/** Stops and removes every service of a stack; its volumes stay unless they are to go too. */
export const removeStack = async (
  database: Database,
  ctx: RequestContext,
  id: string,
  volumes: 'keep' | 'remove',
): Promise<void> => {
  const stack = await database.prisma.stack.findFirst({
    where: { id, removedAt: null },
    include: { project: true },
  });
  if (!stack) throw new DomainError('not-found', 'There is no such stack.');
  ctx.authorize('service.remove', stack.project.path);
  if (volumes === 'remove') ctx.authorize('volume.edit', stack.project.path);
  const now = new Date();
  await database.transaction(async (tx) => {
    await requireUnshared(tx, id);
    const claimed = await tx.stack.updateMany({
      where: { id, removedAt: null },
      data: { state: 'removing', version: { increment: 1 }, updatedAt: now },
    });
    if (claimed.count === 0) throw new DomainError('not-found', 'There is no such stack.');
    const { count } = await tx.service.updateMany({
      where: { stackId: id, removedAt: null },
      data: { desired: 'removed', version: { increment: 1 }, changedAt: now, changedBy: ctx.subject.name },
    });
    if (volumes === 'remove')
      await tx.volume.updateMany({ where: { stackId: id, removedAt: null }, data: { removedAt: now } });
    if (count === 0) {
      await tx.stack.update({ where: { id }, data: { state: 'removed', removedAt: now } });
      await removeStackObjects(tx, [id], now);
    }
    const services = await tx.service.findMany({
      where: { stackId: id, removedAt: null },
      select: { id: true },
    });
    const { name, projectId, project } = stack;
    await recordEvents(tx, [
      {
        kind: 'stack.remove',
        text: `${ctx.subject.name} removed the stack ${name}${volumes === 'remove' ? ' and its volumes' : ''}`,
        projectId,
        stackId: id,
        actorName: ctx.subject.name,
      },
    ]);
    await recordAudit(tx, ctx, {
      action: 'stack.remove',
      object: { kind: 'stack', id, name },
      projectPath: project.path,
      detail: { volumes },
    });
    await publishChange(
      tx,
      { kind: 'stack', ids: [id, projectId] },
      { kind: 'service', ids: [id, ...services.map((service) => service.id)] },
      { kind: 'volume', ids: [] },
    );
  });
};
