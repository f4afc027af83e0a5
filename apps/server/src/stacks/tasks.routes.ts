import { taskRoutes } from '@portreeve/contract';
import { DomainError, ExitRecord, type Permission } from '@portreeve/domain';
import type { RequestContext } from '../platform/http/context.ts';
import type { Mount } from '../platform/http/http.ts';
import type { DeployDeps } from './deploy.service.ts';
import type { TaskPlacement } from './rows.ts';
import { getTask, taskExits, tasksById } from './task-view.store.ts';

/** What a container wrote before it ended is log: for those who may read logs. */
const exitFor = (exit: ExitRecord, mayReadLogs: boolean): ExitRecord => {
  if (mayReadLogs) return exit;
  const { healthOutput: _, ...rest } = exit;
  return { ...rest, logTail: '' };
};

/** One task: why it is where it is, how its attempts ended, what the engine says. */
export const mountTaskRoutes = (mount: Mount, { database, askAgent }: DeployDeps): void => {
  const db = database.prisma;
  const open = async (id: string, ctx: RequestContext, permission: Permission) => {
    const row = await getTask(db, id);
    ctx.authorize(permission, row.service.stack.project.path);
    return row;
  };
  const nodeOf = ({ nodeId }: { nodeId: string | null }): string => {
    if (nodeId) return nodeId;
    throw new DomainError('conflict.state', 'The task has not been placed on a node yet.');
  };

  mount(taskRoutes.get, async ({ params, ctx }) => {
    const row = await open(params.id, ctx, 'stack.read');
    const [[view], exits] = await Promise.all([tasksById(db, [params.id]), taskExits(db, params.id)]);
    if (!view) throw new DomainError('not-found', 'There is no such task.');
    const { filters = [], best = [] } = row.placement as Partial<TaskPlacement>;
    const mayReadLogs = ctx.may('service.logs', row.service.stack.project.path);
    return {
      ...view,
      exits: exits.map(({ record }) => exitFor(ExitRecord.parse(record), mayReadLogs)),
      placement: { filters, best },
    };
  });
  mount(taskRoutes.exitLog, async ({ params, ctx }) => {
    const row = await open(params.id, ctx, 'service.logs');
    return askAgent(nodeOf(row), { kind: 'exit-log', taskId: params.id, attempt: params.attempt });
  });
  mount(taskRoutes.inspect, async ({ params, ctx }) => {
    const row = await open(params.id, ctx, 'service.env.read');
    const { found, json } = await askAgent(nodeOf(row), { kind: 'inspect-task', taskId: params.id });
    if (!found) throw new DomainError('not-found', 'The host no longer has a container of this task.');
    return { json };
  });
};
