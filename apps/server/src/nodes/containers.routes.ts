import type { HostContainer } from '@portreeve/agent-protocol';
import { type HostContainerView, nodeRoutes } from '@portreeve/contract';
import type { z } from 'zod';
import type { Agents } from '../agents/agents.ts';
import type { Platform } from '../platform.ts';
import { matches, pageOfAll } from '../stacks/page.ts';
import { resolveNode } from './resolve-node.ts';

type Container = z.output<typeof HostContainerView>;
const SORTS = {
  name: ({ name }: Container) => name,
  image: ({ image }: Container) => image,
  state: ({ state }: Container) => state,
  compose: ({ composeProject, composeService }: Container) =>
    `${composeProject ?? ''}/${composeService ?? ''}`,
  createdAt: ({ createdAt }: Container) => createdAt,
};

const viewOf = ({ taskId, compose, ...container }: HostContainer): Container => ({
  ...container,
  ours: taskId !== undefined,
  taskId: taskId ?? null,
  composeProject: compose?.project ?? null,
  composeService: compose?.service ?? null,
});

/** What a node's engine has, asked for now: an engine cannot be asked for a part of it. */
export const mountContainerRoutes = ({ database, http }: Platform, agents: Agents): void => {
  const resolve = resolveNode(database.prisma);
  http.mount(nodeRoutes.containers, async ({ params, query, ctx }) => {
    const node = await resolve(ctx, 'node.read', params.id);
    const containers = await agents.askAgent(node.id, { kind: 'containers' });
    const found = containers
      .map(viewOf)
      .filter(({ ours }) => query.ours === 'all' || ours === (query.ours === 'yes'))
      .filter(({ name, image, composeProject }) => matches(query.search, name, image, composeProject ?? ''));
    return pageOfAll(found, query, SORTS, 'name');
  });
};
