'use client';
import { type Applied, type DeployPlanView, routes } from '@portreeve/contract';
import { Name } from '@portreeve/domain';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { z } from 'zod';
import { type ApiError, call } from '../../lib/call.ts';
import { applicationOf, type Draft, useSettled } from './draft.ts';

const STILL_MS = 300;
/** A name to plan with while none is typed yet; nothing is stored for a draft. */
const NAMELESS = 'stack';

/** The plan of a draft, redrawn when typing pauses. Nothing is stored and nothing happens. */
export const useDraftPlan = (draft: Draft | null) => {
  const settled = useSettled(draft, STILL_MS);
  const query = useQuery({
    queryKey: ['draft plan', settled],
    queryFn: ({ signal }) => {
      const { name, project } = settled as Draft;
      return call(
        routes.stacks.plan,
        {
          params: { name: Name.safeParse(name).success ? name : NAMELESS },
          query: { project, draft: 'yes' },
          body: applicationOf(settled as Draft),
        },
        signal,
      );
    },
    enabled: settled !== null,
    placeholderData: keepPreviousData,
    gcTime: 0,
    retry: false,
  });
  return {
    plan: query.data,
    error: query.error as ApiError | null,
    /** True while the plan on screen is of an earlier text. */
    stale: query.isFetching || settled !== draft,
    at: query.dataUpdatedAt,
  };
};

/** What a person looked at: two plans that say the same are the same. */
const said = (plan: DeployPlanView) =>
  JSON.stringify([
    plan.services.map(({ forecast, estimateMs, ...rest }) => rest),
    plan.refusals,
    plan.networks,
    plan.volumes,
  ]);

type Outcome =
  | { state: 'idle' | 'busy' }
  | { state: 'moved'; plan: DeployPlanView }
  | { state: 'failed'; error: ApiError };

/**
 * Applies exactly the plan on screen: it is stored, compared with what was shown, and named in the request. If the
 * world has moved in between, nothing runs and the new plan is shown instead.
 */
export const useApply = (onDone: (applied: z.infer<typeof Applied>) => void) => {
  const [outcome, setOutcome] = useState<Outcome>({ state: 'idle' });
  const apply = async (draft: Draft, shown: DeployPlanView) => {
    setOutcome({ state: 'busy' });
    try {
      const address = { params: { name: draft.name }, query: { project: draft.project } };
      const plan = await call(routes.stacks.plan, { ...address, body: applicationOf(draft) });
      if (said(plan) !== said(shown) || plan.id === null) return setOutcome({ state: 'moved', plan });
      const applied = await call(routes.stacks.apply, { ...address, body: { plan: plan.id } });
      setOutcome({ state: 'idle' });
      onDone(applied);
    } catch (error) {
      setOutcome({ state: 'failed', error: error as ApiError });
    }
  };
  return { apply, outcome, reset: () => setOutcome({ state: 'idle' }) };
};
