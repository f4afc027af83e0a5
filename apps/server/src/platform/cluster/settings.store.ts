import { Settings } from '@portreeve/contract';
import { DomainError } from '@portreeve/domain';
import type { z } from 'zod';
import type { Database, Tx } from '../db/database.ts';

const Stored = Settings.omit({ clusterName: true, clusterColor: true })
  .extend({
    addressPool: Settings.shape.addressPool.default('10.200.0.0/13'),
    leaseSeconds: Settings.shape.leaseSeconds.default(10),
    agentAddresses: Settings.shape.agentAddresses.default([]),
    sessionIdleMinutes: Settings.shape.sessionIdleMinutes.default(480),
    sessionHours: Settings.shape.sessionHours.default(72),
    auditKeepMonths: Settings.shape.auditKeepMonths.default(0),
    administratorsNeedCodes: Settings.shape.administratorsNeedCodes.default(false),
    signInBanner: Settings.shape.signInBanner.default(''),
    version: Settings.shape.version.default(1),
  })
  .strip();

const OfSessions = Stored.pick({ sessionIdleMinutes: true, administratorsNeedCodes: true });

/** What sessions are measured by, for who has read the column `settings` along with something else. */
export const sessionSettings = (settings: unknown): z.infer<typeof OfSessions> => OfSessions.parse(settings);

/** The cluster's settings with their defaults. */
export const readSettings = async (tx: Tx | Database['prisma']): Promise<Settings> => {
  const cluster = await tx.cluster.findFirstOrThrow();
  return {
    ...Stored.parse(cluster.settings),
    clusterName: cluster.name,
    clusterColor: Settings.shape.clusterColor.catch('blue').parse(cluster.color),
  };
};

/** Changes settings if they are still at `version`; the new ones come back. */
export const changeSettings = async (
  tx: Tx,
  change: Partial<Omit<Settings, 'version'>>,
  version: number,
): Promise<Settings> => {
  await tx.$queryRaw`SELECT id FROM "Cluster" FOR UPDATE`;
  const present = await readSettings(tx);
  if (present.version !== version)
    throw new DomainError('conflict.version', 'Someone else changed the settings meanwhile.', {
      hint: 'Load them again and repeat your change.',
    });
  const { clusterName, clusterColor, ...stored } = { ...present, ...change, version: version + 1 };
  await tx.cluster.updateMany({ data: { name: clusterName, color: clusterColor, settings: stored } });
  return { ...stored, clusterName, clusterColor };
};
