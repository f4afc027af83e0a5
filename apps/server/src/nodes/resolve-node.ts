import type { Permission } from '@portreeve/domain';
import type { Tx } from '../platform/db/database.ts';
import type { RequestContext } from '../platform/http/context.ts';
import { getNode, type NodeRow } from './nodes.store.ts';

/** The node of a request, once its caller may do this where the node is; throws `not-found` or `permission.missing`. */
export const resolveNode =
  (db: Tx) =>
  async (ctx: RequestContext, permission: Permission, id: string): Promise<NodeRow> => {
    const node = await getNode(db, id);
    ctx.authorize(permission, node.projectPath, node.name);
    return node;
  };
