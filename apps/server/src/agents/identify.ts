import type { TLSSocket } from 'node:tls';
import type { Database } from '../platform/db/database.ts';
import { peerOf } from '../platform/http/agent-listener.ts';
import { findCertificate } from './connection.store.ts';

/** Who an agent is: its certificate says it and nothing else does (SPEC.md, C1). */
export type NodeIdentity = { nodeId: string; serial: string; expires: Date };

type Identified = { ok: true; identity: NodeIdentity } | { ok: false; message: string };

const refused = (message: string): Identified => ({ ok: false, message });
const NODE_NAME = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The node whose certificate this connection showed: issued by our CA, still good, known to the database and not
 * revoked (SPEC.md, C4). Throws when the database is away.
 */
export const identify = async (socket: TLSSocket, database: Database): Promise<Identified> => {
  if (!socket.authorized)
    return refused(
      socket.authorizationError
        ? `The client certificate is not accepted (${socket.authorizationError}): join this host again with a new token.`
        : 'A client certificate of this cluster is needed.',
    );
  const peer = peerOf(socket);
  if (!peer || !NODE_NAME.test(peer.nodeId)) return refused('The certificate is not that of a node.');
  const { nodeId, serial } = peer;
  const known = await database.guard(() => findCertificate(database.prisma, serial));
  if (!known || known.nodeId !== nodeId)
    return refused('This cluster does not know the certificate: join this host with a token.');
  if (known.revoked)
    return refused('The node was removed and its certificate revoked: join again with a new token.');
  if (known.expires < new Date())
    return refused('The certificate has expired: join again with a token for this node.');
  return { ok: true, identity: { nodeId, serial, expires: known.expires } };
};
