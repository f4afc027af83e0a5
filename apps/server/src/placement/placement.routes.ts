import { serviceRoutes } from '@portreeve/contract';
import { isWithin } from '@portreeve/domain';
import { explainPlacement, planPlacement } from '@portreeve/planning';
import type { Mount } from '../platform/http/http.ts';
import type { DeployDeps } from '../stacks/deploy.service.ts';
import { matches, pageOfAll, type Sorts } from '../stacks/page.ts';
import type { TaskPlacement } from '../stacks/rows.ts';
import { getRevision, getService, targetId } from '../stacks/service-target.store.ts';
import { newestTask } from '../stacks/task-view.store.ts';
import { loadVolumes } from '../volumes/volumes.store.ts';
import { placementRequest } from './request.ts';
import { loadPlacementNodes } from './snapshot.store.ts';

/** Best first, then the nearest to fitting, unless asked otherwise. */
const SORTS: Sorts<{ rank: number; node: string }> = { rank: ({ rank }) => rank, node: ({ node }) => node };

/** Node by node, computed now: what fails, what scores, and what was kept of the last decision. */
export const mountPlacementRoutes = (mount: Mount, { database, keys }: DeployDeps): void => {
  const db = database.prisma;
  mount(serviceRoutes.placement, async ({ params, query, ctx }) => {
    const service = await getService(db, params.id);
    ctx.authorize('stack.read', service.project.path);
    const { spec, pin, filePins } = await getRevision(db, keys, targetId(service));
    const pins = filePins.filter(({ kind }) => kind === 'volume');
    const [everyNode, volumes, task] = await Promise.all([
      loadPlacementNodes(db, [pin.kind === 'digest' ? pin.digest : pin.imageId]),
      loadVolumes(
        db,
        pins.map(({ objectId }) => objectId),
      ),
      newestTask(db, params.id, query.task),
    ]);
    // Hosts that can take none of its tasks are told only to who may see those hosts anyway.
    const nodes = everyNode.filter(
      ({ projectPath }) => isWithin(service.project.path, projectPath) || ctx.may('node.read', projectPath),
    );
    const request = placementRequest({
      taskId: task?.id ?? '',
      service: { id: service.id, name: service.name, projectPath: service.project.path },
      slot: task?.slot ?? 1,
      spec,
      pin,
      volumes: pins.flatMap(({ objectId, source }) => {
        const nodeId = volumes.find(({ id }) => id === objectId)?.nodeId;
        return nodeId && spec.mode === 'replicated' ? [{ name: source, nodeId }] : [];
      }),
      avoidNodeIds: [],
      freed: [],
      manyNodes: nodes.length > 1,
    });
    const rows = explainPlacement(request, nodes);
    const [decision] = planPlacement([request], nodes);
    const fits = rows.filter(({ failed }) => failed.length === 0).length;
    const kept = task?.placement as Partial<TaskPlacement> | undefined;
    const page = pageOfAll(
      rows
        .map((row, rank) => ({
          rank,
          id: row.nodeId,
          node: row.nodeName,
          failed: row.failed,
          score: row.score ?? null,
        }))
        .filter(({ node, failed }) => matches(query.search, node, ...failed.map(({ sentence }) => sentence))),
      query,
      SORTS,
      'rank',
    );
    return {
      ...page,
      nodes: rows.length,
      fits,
      sentence:
        decision?.kind === 'unplaceable'
          ? decision.sentence
          : `A new task would fit on ${fits} of ${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}.`,
      ...(decision?.kind === 'unplaceable' &&
        decision.cheapestChange && { cheapestChange: decision.cheapestChange }),
      computedAt: new Date().toISOString(),
      kept:
        task && kept?.filters
          ? {
              taskId: task.id,
              at: task.createdAt.toISOString(),
              filters: kept.filters,
              best: kept.best ?? [],
            }
          : null,
    };
  });
};
