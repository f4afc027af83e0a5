import { type NodeSummary, nodeRoutes } from '@portreeve/contract';
import type { Permission } from '@portreeve/domain';
import { recordEvents } from '../activity/events.store.ts';
import type { Agents } from '../agents/agents.ts';
import { recordAudit } from '../audit/audit.store.ts';
import { changeOf } from '../audit/change.ts';
import type { Platform } from '../platform.ts';
import { getProject, knownProjectIds, projectIdsWithin } from '../projects/projects.store.ts';
import { matches, pageOfAll } from '../stacks/page.ts';
import { tasksOnNode } from '../stacks/task-view.store.ts';
import { drainState } from './drain-state.ts';
import { summaryOf } from './node-view.ts';
import { editNode, getNode, type NodeRow, nodeRows, removeNode } from './nodes.store.ts';
import { resolveNode } from './resolve-node.ts';
import { worstFirst } from './worst-first.ts';

const BUTTONS = ['node.edit', 'node.drain', 'node.remove', 'node.join'] as const satisfies Permission[];
const SORTS = {
  name: (node: NodeSummary) => node.name,
  state: worstFirst,
  project: (node: NodeSummary) => node.projectPath,
  tasks: (node: NodeSummary) => node.tasks,
  cpus: (node: NodeSummary) => node.cpus.reserved,
  memory: (node: NodeSummary) => node.memory.reserved,
  load: (node: NodeSummary) => node.load ?? -1,
  engine: (node: NodeSummary) => node.engineVersion,
  agent: (node: NodeSummary) => node.agentVersion,
  zone: (node: NodeSummary) => node.zone,
  joinedAt: (node: NodeSummary) => node.joinedAt,
  lastSeenAt: (node: NodeSummary) => node.lastSeenAt ?? '',
};

export const mountNodeRoutes = ({ database, http }: Platform, agents: Agents): void => {
  const { prisma } = database;
  const { mount } = http;
  const shown = (row: NodeRow): NodeSummary => summaryOf(row, agents.live(row.id), new Date());

  const resolve = resolveNode(prisma);

  mount(nodeRoutes.list, async ({ query, ctx }) => {
    const rows = await nodeRows(prisma, {
      projectIds: await projectIdsWithin(prisma, ctx.scope('node.read', query.project)),
    });
    const nodes = rows
      .map(shown)
      .filter(
        (node) =>
          query.state === undefined || node.state === query.state || node.availability === query.state,
      )
      .filter(({ name, address, zone, labels }) =>
        matches(query.search, name, address, zone, ...Object.entries(labels).map((pair) => pair.join('='))),
      );
    return pageOfAll(nodes, query, SORTS, 'state');
  });

  mount(nodeRoutes.get, async ({ params, ctx }) => {
    const row = await resolve(ctx, 'node.read', params.id);
    const live = agents.live(row.id);
    // A shared node runs tasks of projects that not everybody who sees the node may see.
    const seen = ctx.scope('stack.read');
    const projectIds = seen.includes('/') ? null : await knownProjectIds(prisma, seen);
    const [taskList, drain] = await Promise.all([
      tasksOnNode(prisma, row.id, projectIds),
      drainState(prisma, row),
    ]);
    const { facts, lastError, connectedTo, generation, appliedGeneration } = row;
    return {
      ...shown(row),
      facts,
      pressure: live?.pressure ?? null,
      link: {
        connectedSince: live?.connectedSince.toISOString() ?? null,
        serverId: connectedTo,
        lastError,
        closeReason: row.lastCloseReason,
        certificateExpiresAt: row.certificateExpiresAt?.toISOString() ?? null,
        clockSkewMs: live?.clockSkewMs ?? row.clockSkewMs,
        leaseUntil: row.leaseUntil?.toISOString() ?? null,
        generation,
        appliedGeneration,
      },
      taskList,
      drain,
      may: Object.fromEntries(BUTTONS.map((button) => [button, ctx.may(button, row.projectPath)])),
    };
  });

  mount(nodeRoutes.edit, async ({ params, body, version, ctx }) => {
    const node = await resolve(ctx, 'node.edit', params.id);
    const { name, labels, projectPath } = body;
    const project = projectPath === undefined ? undefined : await getProject(prisma, projectPath);
    if (project) ctx.authorize('node.edit', project.path, node.name);
    await database.transaction(async (tx) => {
      const change = {
        ...(name && { name }),
        ...(labels && { labels }),
        ...(project && { projectId: project.id }),
      };
      await editNode(tx, node.id, version, change);
      await recordAudit(tx, ctx, {
        action: 'node.edit',
        object: { kind: 'node', id: node.id, name: node.name },
        projectPath: node.projectPath,
        detail: changeOf(node, { name, labels, projectPath }),
      });
    });
    return shown(await getNode(prisma, node.id));
  });

  mount(nodeRoutes.remove, async ({ params, ctx }) => {
    const node = await resolve(ctx, 'node.remove', params.id);
    await database.transaction(async (tx) => {
      await removeNode(tx, node.id);
      await recordEvents(tx, [
        {
          kind: 'node',
          text: `${node.name} was removed and its certificate revoked.`,
          nodeId: node.id,
          projectId: node.projectId,
          actorName: ctx.subject.name,
        },
      ]);
      await recordAudit(tx, ctx, {
        action: 'node.remove',
        object: { kind: 'node', id: node.id, name: node.name },
        projectPath: node.projectPath,
      });
    });
    return null;
  });
};
