import { DomainError } from '@portreeve/domain';
import { engineImages } from '../admission/engine-images.ts';
import type { AskAgent } from '../agents/requests.ts';
import type { Database } from '../platform/db/database.ts';
import type { RequestContext } from '../platform/http/context.ts';
import type { ClusterKeys } from '../platform/keys/cluster-key.ts';
import { getProject, type ProjectRow } from '../projects/projects.store.ts';
import { registryAccess } from '../registry/registries.store.ts';
import { type AppliedStack, applyStack } from './apply.store.ts';
import { bindObjects } from './bind-objects.ts';
import {
  type ApplicationValue,
  type Compiled,
  compile,
  type Read,
  readApplication,
  requireApplication,
  type Sent,
} from './compile.ts';
import { forecastFor } from './forecast.ts';
import { withKept } from './kept.store.ts';
import { basisOf, requireUnmoved } from './plan-basis.ts';
import { type PlanView, planView } from './plan-view.ts';
import { findPlan, markApplied, storePlan } from './plans.store.ts';
import { planActions } from './stack-plan.ts';
import { findStack, loadPresent, type PresentStack, requireActive, type StackRow } from './state.store.ts';

export type DeployDeps = { database: Database; keys: ClusterKeys; askAgent: AskAgent };

/** A file read against what is there now: the same for a plan and for an apply. */
type Prepared = {
  project: ProjectRow;
  stack: StackRow | null;
  present: PresentStack | undefined;
  sent: Sent;
  read: Read;
  compiled: Compiled | undefined;
};

export const prepareDeploy = async (
  { database, keys, askAgent }: DeployDeps,
  ctx: RequestContext,
  project: ProjectRow,
  name: string,
  asked: ApplicationValue | Sent,
): Promise<Prepared> => {
  const db = database.prisma;
  const stack = await findStack(db, project.id, name);
  if (stack) requireActive(stack);
  // What a container gets can be read from it: who may not read the values may not have them used again unseen.
  if ('keep' in asked && asked.keep) ctx.authorize('service.env.read', project.path, name);
  const sent = 'secretFiles' in asked ? asked : await withKept(db, keys, stack, asked);
  const read = readApplication(sent);
  const present = stack ? await loadPresent(db, keys, stack) : undefined;
  if (!read.application) return { project, stack, present, sent, read, compiled: undefined };
  const objects = await bindObjects({ db, keys, project, present, application: read.application });
  const compiled = await compile({
    db,
    ctx,
    project,
    application: read.application,
    present: present?.services ?? [],
    objects,
    resolve: {
      accessTo: await registryAccess(db, keys, project.path),
      findImage: engineImages(db, askAgent, project),
    },
  });
  return { project, stack, present, sent, read, compiled };
};

/** What would this file change; kept for an hour so that exactly this can be applied. A draft is not kept. */
export const planDeploy = async (
  deps: DeployDeps,
  ctx: RequestContext,
  request: { project: string; name: string; sent: ApplicationValue; draft: boolean },
): Promise<PlanView> => {
  const project = await getProject(deps.database.prisma, request.project);
  const prepared = await prepareDeploy(deps, ctx, project, request.name, request.sent);
  const { stack, present, compiled } = prepared;
  const actions = compiled ? planActions(compiled, present) : [];
  const forecast = await forecastFor(deps.database.prisma, project, actions, compiled?.objects.bound);
  const view = planView({ ...prepared, name: request.name, actions, forecast, ctx });
  if (request.draft || !compiled || !view.applicable) return view;
  const basis = basisOf(stack?.version ?? 0, compiled, present);
  return storePlan(deps, ctx, { view, basis, sent: prepared.sent, project, stack });
};

export const refuse = (
  refusals: readonly { code: string; message: string; hint?: string; service: string }[],
): void => {
  // What a person may not comes before what does not work.
  const first = refusals.find(({ code }) => code === 'permission.missing') ?? refusals[0];
  if (!first) return;
  const code = first.code as DomainError['code'];
  throw new DomainError(code, first.message, {
    hint: first.hint,
    details: refusals.map(({ message, hint, service }) => ({
      message,
      hint,
      pointer: `/services/${service}`,
    })),
  });
};

/** Applies a file at once, or exactly the plan that was named. */
export const applyDeploy = async (
  deps: DeployDeps,
  ctx: RequestContext,
  request: {
    project: string;
    name: string;
    planId?: string | undefined;
    sent?: ApplicationValue | undefined;
  },
): Promise<AppliedStack> => {
  const { database, keys } = deps;
  const project = await getProject(database.prisma, request.project);
  const plan = request.planId
    ? await findPlan(deps, { id: request.planId, projectId: project.id, name: request.name })
    : undefined;
  const asked = plan?.sent ?? request.sent;
  if (!asked) throw new DomainError('request.invalid', 'Send an application, or the id of a plan.');
  const prepared = await prepareDeploy(deps, ctx, project, request.name, asked);
  const application = requireApplication(prepared.read);
  const { compiled, stack, present, sent } = prepared;
  if (!compiled) throw new DomainError('internal', 'The application was not compiled.');
  if (plan) requireUnmoved(plan.basis, basisOf(stack?.version ?? 0, compiled, present), compiled.refusals);
  refuse(compiled.refusals);
  refuse((await forecastFor(database.prisma, project, planActions(compiled, present))).refusals);
  const now = new Date();
  return database.transaction(async (tx) => {
    if (plan) await markApplied(tx, plan.id, now);
    return applyStack(
      tx,
      { ctx, keys, project, name: request.name, stack, sent, application, compiled },
      now,
    );
  });
};
