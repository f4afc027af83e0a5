import { DomainError } from '@portreeve/domain';
import { v7 as uuid } from 'uuid';
import type { Database, Tx } from '../platform/db/database.ts';
import type { RequestContext } from '../platform/http/context.ts';
import type { ClusterKeys } from '../platform/keys/cluster-key.ts';
import type { ProjectRow } from '../projects/projects.store.ts';
import type { Sent } from './compile.ts';
import type { PlanView } from './plan-view.ts';
import type { StackRow } from './state.store.ts';

const PLAN_MS = 3_600_000;

export type StoredPlan = { id: string; basis: Record<string, string>; sent: Sent };
type Deps = { database: Database; keys: ClusterKeys };

/** Keeps a plan with everything an apply of it needs; its input may hold secrets, so it is sealed. */
export const storePlan = async (
  { database, keys }: Deps,
  ctx: RequestContext,
  plan: {
    view: PlanView;
    basis: Record<string, string>;
    sent: Sent;
    project: ProjectRow;
    stack: StackRow | null;
  },
): Promise<PlanView> => {
  const id = uuid();
  const expiresAt = new Date(Date.now() + PLAN_MS);
  await database.prisma.deployPlan.create({
    data: {
      id,
      projectId: plan.project.id,
      stackId: plan.stack?.id ?? null,
      stackName: plan.view.stackName,
      stackVersion: plan.view.stackVersion,
      sealedInput: keys.seal(JSON.stringify(plan.sent), `plan:${id}`),
      basis: JSON.stringify(plan.basis),
      summary: { text: plan.view.summary },
      createdBy: ctx.subject.name,
      expiresAt,
    },
  });
  return { ...plan.view, id, expiresAt: expiresAt.toISOString() };
};

/** The plan a person approved. Throws `not-found`, or `plan.moved` when it is too old or was applied. */
export const findPlan = async (
  { database, keys }: Deps,
  wanted: { id: string; projectId: string; name: string },
): Promise<StoredPlan> => {
  const row = await database.prisma.deployPlan.findUnique({ where: { id: wanted.id } });
  if (row?.projectId !== wanted.projectId || row.stackName !== wanted.name)
    throw new DomainError('not-found', 'There is no such plan for this stack.', { hint: 'Plan again.' });
  if (row.appliedAt || row.expiresAt.getTime() < Date.now())
    throw new DomainError(
      'plan.moved',
      `This plan was ${row.appliedAt ? 'applied already' : 'made too long ago'}.`,
      {
        hint: 'Plan again and look at the difference.',
      },
    );
  const sent = JSON.parse(keys.unseal(row.sealedInput, `plan:${row.id}`)) as Sent;
  return { id: row.id, basis: JSON.parse(row.basis) as Record<string, string>, sent };
};

/** Of two applies of one plan the second is refused. */
export const markApplied = async (tx: Tx, id: string, now: Date): Promise<void> => {
  const { count } = await tx.deployPlan.updateMany({
    where: { id, appliedAt: null },
    data: { appliedAt: now },
  });
  if (count === 0)
    throw new DomainError('plan.moved', 'This plan was applied already.', { hint: 'Plan again.' });
};

/** Forgets plans that nobody can apply any more. */
export const dropOldPlans = async (tx: Tx, now: Date): Promise<void> => {
  await tx.deployPlan.deleteMany({ where: { expiresAt: { lt: now } } });
};
