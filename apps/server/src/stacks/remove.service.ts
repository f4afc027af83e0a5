import { recordEvents } from '../activity/events.store.ts';
import { recordAudit } from '../audit/audit.store.ts';
import { publishChange } from '../live/changes.ts';
import type { Database } from '../platform/db/database.ts';
import type { RequestContext } from '../platform/http/context.ts';
import { beginRemoval, getStack, requireUnshared } from './remove.store.ts';

/** Stops and removes every service of a stack; its volumes stay unless they are to go too. */
export const removeStack = async (
  database: Database,
  ctx: RequestContext,
  id: string,
  volumes: 'keep' | 'remove',
): Promise<void> => {
  const stack = await getStack(database.prisma, id);
  ctx.authorize('service.remove', stack.project.path);
  if (volumes === 'remove') ctx.authorize('volume.edit', stack.project.path);
  const now = new Date();
  await database.transaction(async (tx) => {
    await requireUnshared(tx, id);
    const serviceIds = await beginRemoval(tx, id, volumes === 'remove', ctx.subject.name, now);
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
      { kind: 'service', ids: [id, ...serviceIds] },
      { kind: 'volume', ids: [] },
    );
  });
};
