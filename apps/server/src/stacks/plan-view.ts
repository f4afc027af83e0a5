import type { DeployPlanView } from '@portreeve/contract';
import type { z } from 'zod';
import type { RequestContext } from '../platform/http/context.ts';
import type { ProjectRow } from '../projects/projects.store.ts';
import type { Compiled, Read } from './compile.ts';
import type { Forecast } from './forecast.ts';
import { policyInWords } from './policy-words.ts';
import { maskChanges } from './spec-changes.ts';
import type { PlannedAction } from './stack-plan.ts';
import type { PresentStack, StackRow } from './state.store.ts';

export type PlanView = z.input<typeof DeployPlanView>;
export type PlanParts = {
  ctx: RequestContext;
  project: ProjectRow;
  name: string;
  stack: StackRow | null;
  present: PresentStack | undefined;
  read: Read;
  compiled: Compiled | undefined;
  actions: readonly PlannedAction[];
  forecast: Forecast;
};

/** From measured starts: batches one after the other, and the watch at the end. */
const estimate = (
  { forecast }: PlanParts,
  { present, compiled, replicas }: PlannedAction,
): number | undefined => {
  const startMs = forecast.startMs.get(present?.id ?? '');
  if (startMs === undefined || !compiled) return undefined;
  const { parallelism, delayMs, monitorMs } = compiled.spec.update;
  const batches = parallelism === 0 ? 1 : Math.ceil(replicas.to / parallelism);
  return Math.round(batches * startMs + (batches - 1) * delayMs + monitorMs);
};

const serviceView = (parts: PlanParts, planned: PlannedAction): PlanView['services'][number] => {
  const { ctx, project, forecast } = parts;
  const { name, action, present, compiled, replicas, changes } = planned;
  const estimateMs = action === 'replace' ? estimate(parts, planned) : undefined;
  const pin = compiled?.pin ?? present?.target?.pin;
  const spec = compiled?.spec ?? present?.target?.spec;
  const policy = action === 'replace' || action === 'create' ? spec?.update : undefined;
  return {
    name,
    action,
    changes: maskChanges(changes, action === 'create' || ctx.may('service.env.read', project.path)),
    replicas,
    image: {
      reference: spec?.image ?? '',
      digest: (pin?.kind === 'local' ? pin.imageId : pin?.digest) ?? null,
    },
    forecast: forecast.lines.get(name) ?? [],
    policy: policy && action === 'replace' ? policyInWords(policy, replicas.to) : '',
    ...(estimateMs !== undefined && { estimateMs }),
  };
};

const objectsView = (
  kind: 'network' | 'volume',
  { compiled, present }: PlanParts,
): { name: string; action: 'create' | 'untouched' | 'keep' }[] => {
  const bound = (compiled?.objects.bound ?? []).filter((object) => object.kind === kind);
  const named = new Set(bound.map(({ source }) => source));
  const left = (kind === 'network' ? present?.networks : present?.volumes) ?? [];
  return [
    ...bound.map(({ source, make }) => ({
      name: source,
      action: make === 'new' ? ('create' as const) : ('untouched' as const),
    })),
    ...left.filter(({ name }) => !named.has(name)).map(({ name }) => ({ name, action: 'keep' as const })),
  ];
};

const counted = (count: number, word: string): string[] =>
  count === 0 ? [] : [`${count} ${count === 1 ? 'service' : 'services'} ${word}`];

const summary = (parts: PlanParts, refusals: number): string => {
  if (!parts.compiled) return 'The file has problems; nothing can be applied.';
  const count = (action: PlannedAction['action']) =>
    parts.actions.filter((one) => one.action === action).length;
  const words = [
    ...counted(count('create'), 'created'),
    ...counted(count('replace'), 'replaced'),
    ...counted(count('scale'), 'scaled'),
    ...counted(count('remove'), 'removed'),
    ...counted(count('untouched'), 'untouched'),
  ].join(', ');
  return refusals > 0
    ? `Refused for ${refusals} ${refusals === 1 ? 'reason' : 'reasons'}: ${words}.`
    : `${words}.`;
};

/** The plan as the contract shows it. */
export const planView = (parts: PlanParts): PlanView => {
  const { name, project, stack, read, compiled, forecast } = parts;
  const refusals = [...(compiled?.refusals ?? []), ...forecast.refusals];
  return {
    id: null,
    stackId: stack?.id ?? null,
    stackName: name,
    projectPath: project.path,
    stackVersion: stack?.stackVersion ?? 0,
    diagnostics: read.diagnostics,
    services: parts.actions.map((action) => serviceView(parts, action)),
    refusals,
    networks: objectsView('network', parts).map(({ name: network, action }) => ({
      name: network,
      action: action === 'keep' ? 'untouched' : action,
    })),
    volumes: objectsView('volume', parts),
    variables: read.variables.map(({ name: variable, required, default: fallback }) => ({
      name: variable,
      required,
      ...(fallback !== undefined && { default: fallback }),
    })),
    applicable: compiled !== undefined && refusals.length === 0,
    expiresAt: null,
    summary: summary(parts, refusals.length),
  };
};
