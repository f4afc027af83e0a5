import type { RolePreview } from '@portreeve/contract';
import type { Permission } from '@portreeve/domain';
import type { Tx } from '../platform/db/database.ts';
import type { RequestContext } from '../platform/http/context.ts';
import { refusalOf } from './hand-on.ts';
import { heldOtherwise, holdersOf, type RoleRow } from './roles.store.ts';

const SHOWN = 200;

const without = (all: readonly Permission[], other: readonly Permission[]): Permission[] =>
  all.filter((one) => !other.includes(one));

const counted = (count: number, one: string, many: string): string =>
  count === 1 ? `1 ${one}` : `${count} ${many}`;

const sentenceOf = (name: string, people: number, gained: number, lost: number): string => {
  if (gained + lost === 0) return `Nothing changes for those who hold ${name}.`;
  if (people === 0) return `Nobody holds ${name} yet: nobody is affected.`;
  const verb = (word: string, count: number): string =>
    count === 0 ? '' : `${word}${people === 1 ? 's' : ''} ${counted(count, 'permission', 'permissions')}`;
  const changes = [verb('gain', gained), verb('lose', lost)].filter(Boolean).join(' and ');
  return `${counted(people, 'account', 'accounts')} ${changes}.`;
};

/** What a role may have anew that whoever changes it must hold at the root: it may be granted anywhere. */
export const roleRefusal = (
  ctx: RequestContext,
  role: Pick<RoleRow, 'id' | 'name'>,
  gained: readonly Permission[],
): string =>
  refusalOf(
    ctx.subject,
    { roleId: role.id, projectPath: '/', permissions: new Set(gained) },
    `The role ${role.name}, so changed,`,
  );

/** Who gains and who loses what, were the role to have these permissions. */
export const previewRole = async (
  db: Tx,
  ctx: RequestContext,
  role: RoleRow,
  permissions: readonly Permission[],
): Promise<RolePreview> => {
  const gained = without(permissions, role.permissions);
  const lost = without(role.permissions, permissions);
  const holders = gained.length + lost.length > 0 ? await holdersOf(db, role.id) : [];
  const shown = holders.filter(({ projectPath }) => ctx.may('grant.read', projectPath)).slice(0, SHOWN);
  const otherwise = await heldOtherwise(db, role.id, shown);
  const people = new Set(holders.map(({ userId }) => userId)).size;
  return {
    ...{ gained, lost, people },
    affected: shown.map(({ userId, ...rest }) => {
      const has = otherwise.get(`${userId} ${rest.projectPath}`);
      const isNew = (permission: Permission) => !has?.has(permission);
      return { id: userId, ...rest, gains: gained.filter(isNew), loses: lost.filter(isNew) };
    }),
    refusal: role.builtIn ? BUILT_IN_STAYS : roleRefusal(ctx, role, gained),
    sentence: sentenceOf(role.name, people, gained.length, lost.length),
  };
};

export const BUILT_IN_STAYS = 'Built-in roles change with the product alone: copy it and change the copy.';
