import { nodeRoutes } from '@portreeve/contract';
import { previewDrain } from '@portreeve/planning';
import { recordEvents } from '../activity/events.store.ts';
import type { Agents } from '../agents/agents.ts';
import { recordAudit } from '../audit/audit.store.ts';
import { loadPlacementNodes } from '../placement/snapshot.store.ts';
import type { Platform } from '../platform.ts';
import { drainTasks } from './drain.store.ts';
import { summaryOf } from './node-view.ts';
import { getNode, setAvailability } from './nodes.store.ts';
import { resolveNode } from './resolve-node.ts';

export const mountDrainRoutes = ({ database, http }: Platform, agents: Agents): void => {
  const { prisma } = database;
  const { mount } = http;
  const resolve = resolveNode(prisma);

  const AVAILABILITY = [
    {
      route: nodeRoutes.cordon,
      action: 'cordon',
      to: 'cordoned',
      text: 'was cordoned: nothing new comes here',
    },
    { route: nodeRoutes.uncordon, action: 'uncordon', to: 'active', text: 'takes tasks again' },
    { route: nodeRoutes.drain, action: 'drain', to: 'draining', text: 'is being drained: its tasks move' },
  ] as const;
  for (const { route, action, to, text } of AVAILABILITY)
    mount(route, async ({ params, ctx }) => {
      const node = await resolve(ctx, 'node.drain', params.id);
      await database.transaction(async (tx) => {
        if (!(await setAvailability(tx, node.id, to))) return ctx.nothingToChange();
        const actorName = ctx.subject.name;
        await recordEvents(tx, [
          {
            kind: 'node',
            text: `${node.name} ${text}.`,
            nodeId: node.id,
            projectId: node.projectId,
            actorName,
            data: { action },
          },
        ]);
        await recordAudit(tx, ctx, {
          action: `node.${action}`,
          object: { kind: 'node', id: node.id, name: node.name },
          projectPath: node.projectPath,
        });
      });
      return summaryOf(await getNode(prisma, node.id), agents.live(node.id), new Date());
    });

  mount(nodeRoutes.drainPreview, async ({ params, ctx }) => {
    const node = await resolve(ctx, 'node.read', params.id);
    const [tasks, nodes] = await Promise.all([drainTasks(prisma, node.id), loadPlacementNodes(prisma)]);
    const { moves, ends, stays, sentence } = previewDrain(node.id, tasks, nodes);
    const nameOf = ({ serviceName, slot }: { serviceName: string; slot: number }) => `${serviceName}.${slot}`;
    return {
      moves: [
        ...moves.map((move) => ({
          taskId: move.taskId,
          name: nameOf(move),
          to: move.toNodeName,
          sentence: `${nameOf(move)} would move to ${move.toNodeName}.`,
        })),
        ...ends.map((end) => ({
          taskId: end.taskId,
          name: nameOf(end),
          to: null,
          sentence: `${nameOf(end)} ends: its service has one task per node.`,
        })),
      ],
      stays: stays.map((stay) => ({ taskId: stay.taskId, name: nameOf(stay), reason: stay.reason })),
      summary: sentence,
    };
  });
};
