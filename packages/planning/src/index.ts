export { explainPlacement } from './placement/explain.ts';
export { planPlacement } from './placement/plan.ts';
export * from './placement/types.ts';
export * from './rollout/types.ts';
