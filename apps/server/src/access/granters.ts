import { BUILT_IN_ROLES, type DomainError, isHostPrivilege, type Permission } from '@portreeve/domain';
import { seesProject } from '@portreeve/planning';
import type { Tx } from '../platform/db/database.ts';
import type { RequestContext } from '../platform/http/context.ts';
import { lineage } from '../projects/projects.store.ts';
import { MissingPermission, rightsOf } from './authorize.ts';
import { administratorsOf } from './explain.store.ts';
import { type GrantRow, grantsWith } from './grants.store.ts';

export type Granter = { kind: 'user' | 'team'; name: string };

const NAMED = 5;

const isUnbound = ({ roleId, projectPath }: GrantRow): boolean =>
  roleId === BUILT_IN_ROLES.clusterAdministrator.id && projectPath === '/';

const granterOf = ({ subjectKind, subjectName }: GrantRow): Granter[] =>
  subjectKind === 'service-account' ? [] : [{ kind: subjectKind, name: subjectName }];

const unique = (granters: readonly Granter[]): Granter[] => [
  ...new Map(granters.map((one) => [`${one.kind} ${one.name}`, one])).values(),
];

/**
 * Who could give a permission in a project: those nearest to it who may grant there and hold it themselves; of a
 * privilege of the host that is not allowed there, those who may allow it. Recovery administrators come last.
 */
export const grantersOf = async (
  db: Tx,
  permission: Permission,
  projectPath: string,
  needs: 'grant' | 'allowance',
): Promise<Granter[]> => {
  const ids = (await lineage(db, projectPath)).map(({ id }) => id);
  const rows = (await grantsWith(db, ids, 'grant.edit')).filter((row) =>
    needs === 'allowance' ? isUnbound(row) : row.permissions.includes(permission),
  );
  const administrators = await administratorsOf(db);
  return unique([
    ...rows.filter(({ people }) => people > 0).flatMap(granterOf),
    ...administrators.map(({ name }) => ({ kind: 'user' as const, name })),
  ]);
};

const inWords = (granters: readonly Granter[]): string => {
  const names = granters
    .slice(0, NAMED)
    .map(({ kind, name }) => (kind === 'team' ? `the team ${name}` : name));
  const last = names.pop() ?? '';
  return names.length === 0 ? last : `${names.join(', ')} or ${last}`;
};

const hintOf = (granters: readonly Granter[], needs: 'grant' | 'allowance', path: string): string =>
  needs === 'allowance'
    ? `Ask ${inWords(granters)} to allow it in the settings of the project ${path}.`
    : `Ask ${inWords(granters)}: they can grant it there.`;

/** Whoever may know that a project is there may know who runs it. */
const maySee = ({ subject }: RequestContext, path: string): boolean =>
  seesProject(rightsOf(subject), path, Date.now());

/** The refusal with the names of those who could grant what is missing, where the asker may see them. */
export const nameGranters = async (
  db: Tx,
  ctx: RequestContext | undefined,
  error: DomainError,
): Promise<DomainError> => {
  if (!ctx || !(error instanceof MissingPermission) || error.why === 'narrowed') return error;
  const { permission, projectPath, why } = error;
  if (!maySee(ctx, projectPath)) return error;
  const needs = why === 'not allowed in project' && isHostPrivilege(permission) ? 'allowance' : 'grant';
  // The refusal stands without the names too.
  const granters = await grantersOf(db, permission, projectPath, needs).catch(() => []);
  if (granters.length === 0) return error;
  return new MissingPermission(error.message, hintOf(granters, needs, projectPath), error);
};
