import type { Database } from '../db/database.ts';

export type ServerRow = { id: string; url: string; agentUrl: string; version: string; startedAt: Date };
export const SERVER_SEEN_EVERY_MS = 15_000;
const GONE_AFTER_MS = 60_000;

/** Says that this server is here; run every quarter of a minute, whatever the number of agents and browsers. */
export const markServerSeen = async (database: Database, server: ServerRow, now: Date): Promise<void> => {
  await database.prisma.server.upsert({
    where: { id: server.id },
    create: { ...server, seenAt: now },
    update: { seenAt: now, url: server.url, agentUrl: server.agentUrl },
  });
  await database.prisma.server.deleteMany({
    where: { seenAt: { lt: new Date(now.getTime() - 86_400_000) } },
  });
};

/** Takes a server that ends out of the list at once. */
export const forgetServer = async (database: Database, id: string): Promise<void> => {
  await database.prisma.server.deleteMany({ where: { id } });
};

/** The servers that are here now, oldest first. */
export const presentServers = async (database: Database, now: Date): Promise<ServerRow[]> =>
  database.prisma.server.findMany({
    where: { seenAt: { gt: new Date(now.getTime() - GONE_AFTER_MS) } },
    orderBy: { startedAt: 'asc' },
  });
