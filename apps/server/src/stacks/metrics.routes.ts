import { serviceRoutes } from '@portreeve/contract';
import type { Mount } from '../platform/http/http.ts';
import type { DeployDeps } from './deploy.service.ts';
import { getService } from './service-target.store.ts';
import { runningTasks } from './task-view.store.ts';

/** More hosts than this are not asked for one page. */
const MOST_NODES = 50;
const ANSWER_MS = 4_000;

type Series = { name: string; unit: string; points: [number, number][] };

/** Figures live on the hosts: asked for when someone looks, and said to be missing where a host does not answer. */
export const mountMetricsRoutes = (mount: Mount, { database, askAgent }: DeployDeps): void => {
  const db = database.prisma;
  mount(serviceRoutes.metrics, async ({ params, query, ctx }) => {
    const service = await getService(db, params.id);
    ctx.authorize('stack.read', service.project.path);
    const { tasks, nodes } = await runningTasks(db, params.id, MOST_NODES);
    const tasksOf = Map.groupBy(tasks, ({ nodeId }) => nodeId ?? '');
    const options = { timeoutMs: ANSWER_MS };
    const answers = await Promise.all(
      nodes.map(async (node) => {
        const taskIds = (tasksOf.get(node.id) ?? []).map(({ id }) => id);
        const [stats, ...metrics] = await Promise.all([
          askAgent(node.id, { kind: 'stats', taskIds }, options).catch(() => undefined),
          ...taskIds.map((taskId) =>
            askAgent(node.id, { kind: 'metrics', taskId, minutes: query.minutes }, options).catch(
              () => undefined,
            ),
          ),
        ]);
        return { node, stats, series: metrics.flatMap((one) => one?.series ?? []) };
      }),
    );
    const slotOf = new Map(tasks.map(({ id, slot }) => [id, slot]));
    return {
      tasks: answers.flatMap(({ node, stats }) =>
        (stats ?? []).map((one) => ({
          taskId: one.taskId,
          slot: slotOf.get(one.taskId) ?? 0,
          node: node.name,
          cpuCores: one.cpuCores,
          memoryBytes: one.memoryBytes,
          memoryLimitBytes: one.memoryLimitBytes ?? null,
          receivedBytesPerSecond: one.receivedBytesPerSecond,
          sentBytesPerSecond: one.sentBytesPerSecond,
        })),
      ),
      series: summed(answers.flatMap(({ series }) => series)),
      missing: answers.filter(({ stats }) => !stats).map(({ node }) => node.name),
    };
  });
};

const BUCKET_MS = 10_000;

/** One line per figure for the whole service: tasks are added up in steps that hosts' clocks can share. */
const summed = (all: readonly Series[]): Series[] =>
  [...Map.groupBy(all, ({ name }) => name)].map(([name, lines]) => {
    const sums = new Map<number, number>();
    for (const { points } of lines) {
      const own = new Map(points.map(([at, value]) => [Math.floor(at / BUCKET_MS) * BUCKET_MS, value]));
      for (const [at, value] of own) sums.set(at, (sums.get(at) ?? 0) + value);
    }
    return { name, unit: lines[0]?.unit ?? '', points: [...sums].sort(([a], [b]) => a - b) };
  });
