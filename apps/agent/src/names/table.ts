import type { DesiredDocument } from '@portreeve/agent-protocol';
import { z } from 'zod';

/**
 * All that the process for names knows: the networks of this host with their members, and the tasks of this host,
 * which alone may ask. Written by the agent, read by another process, perhaps of another version: fields are only added.
 */
export const NamesTable = z.object({
  networks: z.array(
    z.object({
      networkId: z.string(),
      /** Where questions of this network are answered. */
      gateway: z.string(),
      subnet: z.string(),
      internal: z.boolean(),
      members: z.array(
        z.object({
          taskId: z.string(),
          address: z.string(),
          names: z.array(z.string()),
          ready: z.boolean(),
        }),
      ),
    }),
  ),
  askers: z.array(
    z.object({
      taskId: z.string(),
      /** Its networks and its address in each, the first one first. */
      ends: z.array(z.object({ networkId: z.string(), address: z.string() })),
      /** The service's own servers for other names; none: the host's. */
      servers: z.array(z.string()),
    }),
  ),
});
export type NamesTable = z.infer<typeof NamesTable>;

export const EMPTY_TABLE: NamesTable = { networks: [], askers: [] };

/** The table of a document. Networks that could not be made here are left out by the caller. */
export const buildTable = (
  doc: Pick<DesiredDocument, 'nodeId' | 'networks' | 'tasks'>,
  isReady: (networkId: string, task: { taskId: string; nodeId: string }) => boolean,
): NamesTable => ({
  networks: doc.networks.map((network) => ({
    networkId: network.networkId,
    gateway: network.gateway,
    subnet: network.subnet,
    internal: network.internal,
    members: network.members.map((member) => ({
      taskId: member.taskId,
      address: member.address,
      names: member.names.map((name) => name.toLowerCase()),
      ready: isReady(network.networkId, member),
    })),
  })),
  askers: doc.tasks
    .filter((task) => task.networks.length > 0)
    .map((task) => ({
      taskId: task.taskId,
      ends: task.networks.map(({ networkId, address }) => ({ networkId, address })),
      servers: task.spec.dns.servers,
    })),
});
