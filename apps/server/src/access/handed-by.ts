import { Permission } from '@portreeve/domain';
import type { GrantRow } from './grants.store.ts';
import type { Handed } from './hand-on.ts';

/** What grants give to whoever comes to hold them. */
export const handedBy = (grants: readonly GrantRow[]): Handed[] =>
  grants.map(({ roleId, projectPath, permissions, endsAt }) => ({
    ...{ roleId, projectPath },
    permissions: new Set(permissions.flatMap((name) => Permission.safeParse(name).data ?? [])),
    ...(endsAt && { endsAt: endsAt.getTime() }),
  }));
