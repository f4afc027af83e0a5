import { nodeRoutes } from '@portreeve/contract';
import { v7 as uuid } from 'uuid';
import { agentAddresses } from '../agents/connection.store.ts';
import { recordAudit } from '../audit/audit.store.ts';
import { agentUrlAt, portOfUrl } from '../platform/cluster/agent-address.ts';
import type { Platform } from '../platform.ts';
import { getProject, projectIdsWithin } from '../projects/projects.store.ts';
import { joinCommand } from './join-command.ts';
import { hashJoinToken, makeJoinToken } from './join-token.ts';
import { createJoinToken, getJoinToken, pageOfWorkingTokens, revokeJoinToken } from './join-tokens.store.ts';
import { getNode } from './nodes.store.ts';

export const mountJoinTokenRoutes = ({ database, http, ca, self }: Platform): void => {
  const { prisma } = database;

  http.mount(nodeRoutes.tokens, async ({ query, ctx }) => {
    const projectIds = await projectIdsWithin(prisma, ctx.scope('node.join', query.project));
    return pageOfWorkingTokens(prisma, projectIds, query, new Date());
  });

  http.mount(
    nodeRoutes.createToken,
    async ({ body, ctx }) => {
      // A node that lost its key stays in the project it is in.
      const node = body.nodeId ? await getNode(prisma, body.nodeId) : undefined;
      const project = await getProject(prisma, node?.projectPath ?? body.projectPath);
      ctx.authorize('node.join', project.path, node?.name);
      const token = makeJoinToken();
      const serverUrl = body.address ? agentUrlAt(body.address, portOfUrl(self.agentUrl)) : self.agentUrl;
      const command = joinCommand({ serverUrl, caSha256: ca.sha256, token });
      const id = uuid();
      const view = await database.transaction(async (tx) => {
        await recordAudit(tx, ctx, {
          action: 'node.join-token',
          object: { kind: 'join-token', id, name: body.description },
          projectPath: project.path,
          detail: { uses: body.uses, minutes: body.minutes, labels: body.labels, node: body.nodeId ?? null },
        });
        return createJoinToken(tx, {
          id,
          hash: hashJoinToken(token),
          description: body.description,
          projectId: project.id,
          projectPath: project.path,
          labels: body.labels,
          nodeId: body.nodeId,
          uses: body.nodeId ? 1 : body.uses,
          expiresAt: new Date(Date.now() + body.minutes * 60_000),
          createdBy: ctx.subject.name,
        });
      });
      const addresses = [...new Set([self.agentUrl, ...(await agentAddresses(prisma))])];
      return { view, token, command, caSha256: ca.sha256, addresses };
    },
    { project: 'resolved' },
  );

  http.mount(nodeRoutes.revokeToken, async ({ params, ctx }) => {
    const token = await getJoinToken(prisma, params.id);
    ctx.authorize('node.join', token.projectPath, token.description);
    await database.transaction(async (tx) => {
      await revokeJoinToken(tx, params.id);
      await recordAudit(tx, ctx, {
        action: 'node.join-token-revoke',
        object: { kind: 'join-token', id: params.id, name: token.description },
        projectPath: token.projectPath,
      });
    });
    return null;
  });
};
