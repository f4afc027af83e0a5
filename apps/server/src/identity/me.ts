import type { Me, Settings } from '@portreeve/contract';
import { PERMISSIONS, type Permission } from '@portreeve/domain';
import { allowsSomewhere } from '../access/authorize.ts';
import type { Subject } from '../access/subject.ts';
import { readSettings } from '../platform/cluster/settings.store.ts';
import type { Database } from '../platform/db/database.ts';
import { VERSION } from '../platform/version.ts';
import { getUser } from './users.store.ts';

const secondFactorOf = (
  { passwordHash, totpSince, administrator }: Awaited<ReturnType<typeof getUser>>,
  { administratorsNeedCodes }: Settings,
): Me['secondFactor'] => {
  if (passwordHash === null) return 'not here';
  if (totpSince) return 'on';
  return administrator && administratorsNeedCodes ? 'required' : 'off';
};

/** What the page knows of the person before anything else. */
export const readMe = async (database: Database, clusterId: string, subject: Subject): Promise<Me> => {
  const [user, settings] = await Promise.all([
    getUser(database.prisma, subject.userId),
    readSettings(database.prisma),
  ]);
  const every = Object.keys(PERMISSIONS) as Permission[];
  return {
    id: user.id,
    name: user.name,
    displayName: user.displayName,
    administrator: user.administrator,
    mustChangePassword: user.mustChange,
    secondFactor: secondFactorOf(user, settings),
    permissions: every.filter((permission) => allowsSomewhere(subject, permission)),
    preferences: (user.preferences ?? {}) as Record<string, unknown>,
    cluster: { id: clusterId, name: settings.clusterName, color: settings.clusterColor, version: VERSION },
  };
};
