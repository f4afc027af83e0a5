import { VXLAN_PORT } from '../agents/desired-document.ts';
import { portOfUrl } from '../platform/cluster/agent-address.ts';
import type { Tx } from '../platform/db/database.ts';
import { commonPorts } from '../projects/port-range.ts';
import { lineage } from '../projects/projects.store.ts';
import type { PortPolicy } from './host-ports.ts';

/** On every host: the way in for whoever repairs it, the names on stack networks, and the tunnels between hosts. */
const OF_EVERY_HOST = [22, 53, VXLAN_PORT];

/** Which ports of hosts a project may publish on now; the ports of every server are never among them. */
export const portPolicyOf = async (db: Tx, projectPath: string): Promise<PortPolicy> => {
  const [projects, servers] = await Promise.all([
    lineage(db, projectPath),
    db.server.findMany({ select: { url: true, agentUrl: true } }),
  ]);
  const ours = servers.flatMap(({ url, agentUrl }) => [url, agentUrl].map(portOfUrl));
  return { projectPath, ...commonPorts(projects), reserved: [...OF_EVERY_HOST, ...ours] };
};
