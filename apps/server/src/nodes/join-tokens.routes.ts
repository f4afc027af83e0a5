import { nodeRoutes } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import { agentAddresses } from '../agents/connection.store.ts';
import { recordAudit } from '../audit/audit.store.ts';
import type { Platform } from '../platform.ts';
import { getProject, projectIdsWithin } from '../projects/projects.store.ts';
import { joinCommand } from './join-command.ts';
import { hashJoinToken, makeJoinToken } from './join-token.ts';
import { createJoinToken, getJoinToken, pageOfWorkingTokens, revokeJoinToken } from './join-tokens.store.ts';
import { getNode } from './nodes.store.ts';

/** `10.0.0.5`, `host:7401` or a whole URL, as a person says where the new host reaches this server. */
const serverUrlAt = (address: string, port: string): string => {
  const url = URL.parse(address.includes('://') ? address : `https://${address}`);
  if (!url || url.username || url.pathname !== '/')
    throw new DomainError('request.invalid', `"${address}" is no address of this server.`, {
      hint: 'Give a host name or an IP address, with a port if it is not the usual one.',
    });
  return `https://${url.hostname}:${url.port || port}`;
};

export const mountJoinTokenRoutes = ({ database, http, ca, self }: Platform): void => {
  const { prisma } = database;

  http.mount(nodeRoutes.tokens, async ({ query }) => {
    const projectIds = await projectIdsWithin(prisma, query.project ?? '/');
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
      const own = new URL(self.agentUrl);
      const serverUrl = body.address ? serverUrlAt(body.address, own.port) : self.agentUrl;
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
